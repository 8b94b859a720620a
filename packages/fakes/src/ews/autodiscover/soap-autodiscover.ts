/** POST /autodiscover/autodiscover.svc: GetUserSettings for many users, errors at three levels, redirects (MS-OXWSADISC). */
import type { Mailbox } from '../../world/mailbox.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import { XmlWriter } from '../../xml/xml-writer.ts';
import { AUTODISCOVER_NS, BUILD, SOAP_NS } from '../wire/names.ts';
import { type SettingsSource, settingOf } from './user-settings.ts';

const MOST_USERS = 90;
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
/** Another enumeration than that of EWS (facts). */
const VERSIONS = new Set([
  'Exchange2010',
  'Exchange2010_SP1',
  'Exchange2010_SP2',
  'Exchange2013',
  'Exchange2013_SP1',
  'Exchange2015',
  'Exchange2016',
]);

export interface AutodiscoverAnswer {
  readonly status: number;
  readonly body: string;
  readonly codes: readonly string[];
  readonly operation: string;
}

/** Answers a request of the SOAP service. */
export function answerSoapAutodiscover(source: SettingsSource, root: XmlElement): AutodiscoverAnswer {
  const request = root.child('Body')?.children[0];
  const operation = request?.name.replace(/RequestMessage$/, '') ?? '-';
  const version = root.child('Header')?.child('RequestedServerVersion')?.text.trim();
  const out = new XmlWriter();
  if (version === undefined || !VERSIONS.has(version)) {
    return {
      status: 200,
      operation,
      codes: ['InvalidRequest'],
      body: whole(out, operation, () =>
        writeStatus(
          out,
          'InvalidRequest',
          'The RequestedServerVersion header is missing or names an unsupported version.',
        ),
      ),
    };
  }
  if (operation !== 'GetUserSettings') {
    return {
      status: 200,
      operation,
      codes: ['InvalidRequest'],
      body: whole(out, operation, () => writeStatus(out, 'InvalidRequest', 'The operation is not offered.')),
    };
  }
  const users = (request?.at('Request', 'Users')?.all('User') ?? []).map(
    (user) => user.childText('Mailbox')?.trim() ?? '',
  );
  const names = (request?.at('Request', 'RequestedSettings')?.all('Setting') ?? []).map((setting) =>
    setting.text.trim(),
  );
  if (users.length === 0 || users.length > MOST_USERS || names.length === 0) {
    const text =
      users.length > MOST_USERS ? `A request can ask for ${MOST_USERS} users.` : 'Users and settings are missing.';
    return {
      status: 200,
      operation,
      codes: ['InvalidRequest'],
      body: whole(out, operation, () => writeStatus(out, 'InvalidRequest', text)),
    };
  }
  const codes: string[] = [];
  const body = whole(out, operation, () => {
    writeStatus(out, 'NoError', '');
    out.open('UserResponses');
    for (const user of users) codes.push(writeUser(source, out, user, names));
    out.close();
  });
  return { status: 200, operation, codes, body };
}

function whole(out: XmlWriter, operation: string, write: () => void): string {
  out.open('s:Envelope', { 'xmlns:s': SOAP_NS, 'xmlns:a': 'http://www.w3.org/2005/08/addressing' });
  out.open('s:Header');
  out.element('a:Action', `${AUTODISCOVER_NS}/Autodiscover/${operation}Response`, { 's:mustUnderstand': '1' });
  out.open('h:ServerVersionInfo', { 'xmlns:h': AUTODISCOVER_NS, 'xmlns:i': XSI });
  out.element('h:MajorVersion', BUILD.major).element('h:MinorVersion', BUILD.minor);
  out
    .element('h:MajorBuildNumber', BUILD.majorBuild)
    .element('h:MinorBuildNumber', BUILD.minorBuild)
    .element('h:Version', 'Exchange2015');
  out.close().close();
  out.open('s:Body').open(`${operation}ResponseMessage`, { xmlns: AUTODISCOVER_NS });
  out.open('Response', { 'xmlns:i': XSI });
  write();
  out.close().close().close().close();
  return out.toString();
}

function writeStatus(out: XmlWriter, code: string, message: string): void {
  out.element('ErrorCode', code).element('ErrorMessage', message);
}

function writeUser(source: SettingsSource, out: XmlWriter, user: string, names: readonly string[]): string {
  const { redirectAddress, redirectUrl } = source.options;
  const address = user.toLowerCase();
  const redirected = redirectAddress?.[address];
  const url = redirectUrl?.[address];
  const box = source.world.findMailbox(user);
  out.open('UserResponse');
  const code =
    redirected !== undefined
      ? 'RedirectAddress'
      : url !== undefined
        ? 'RedirectUrl'
        : box === undefined
          ? 'InvalidUser'
          : 'NoError';
  const text =
    box === undefined && code === 'InvalidUser'
      ? `Invalid user: '${user}'`
      : code === 'NoError'
        ? 'No error.'
        : 'Redirection address.';
  writeStatus(out, code, text);
  const target = redirected ?? url;
  if (target === undefined) out.element('RedirectTarget', undefined, { 'i:nil': 'true' });
  else out.element('RedirectTarget', target);
  if (code === 'NoError' && box !== undefined) writeSettings(source, out, box, names);
  else out.element('UserSettingErrors').element('UserSettings');
  out.close();
  return code;
}

function writeSettings(source: SettingsSource, out: XmlWriter, box: Mailbox, names: readonly string[]): void {
  const values = names.map((name) => [name, settingOf(source, box, name)] as const);
  out.open('UserSettingErrors');
  for (const [name, value] of values) {
    if (value !== undefined) continue;
    out
      .open('UserSettingError')
      .element('ErrorCode', 'SettingIsNotAvailable')
      .element('ErrorMessage', `The setting ${name} is not available.`)
      .element('SettingName', name)
      .close();
  }
  out.close();
  out.open('UserSettings');
  for (const [name, value] of values) {
    if (value === undefined) continue;
    out.open('UserSetting', { 'i:type': 'StringSetting' }).element('Name', name).element('Value', value).close();
  }
  out.close();
}
