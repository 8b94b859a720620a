/** /autodiscover/autodiscover.xml: the older form, plain XML (MS-OXDSCLI; facts "Autodiscover": error 600 comes with HTTP 200). */
import { parseXml, type XmlElement, XmlParseError } from '../../xml/xml-element.ts';
import { XmlWriter } from '../../xml/xml-writer.ts';
import type { AutodiscoverAnswer } from './soap-autodiscover.ts';
import { type SettingsSource, settingOf } from './user-settings.ts';

const RESPONSE_NS = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const OUTLOOK_NS = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

export function answerPoxAutodiscover(source: SettingsSource, body: string, now: number): AutodiscoverAnswer {
  const request = parse(body)?.child('Request');
  const address = request?.childText('EMailAddress')?.trim() ?? '';
  const schema = request?.childText('AcceptableResponseSchema')?.trim();
  const out = new XmlWriter().declaration();
  if (address === '' || schema === undefined) return answer(writeError(out, '600', 'Invalid Request', now), '600');
  if (schema !== OUTLOOK_NS) return answer(writeError(out, '601', 'Provider is not available', now), '601');
  const redirected = source.options.redirectAddress?.[address.toLowerCase()];
  const url = source.options.redirectUrl?.[address.toLowerCase()];
  if (redirected !== undefined)
    return answer(writeRedirect(out, 'redirectAddr', 'RedirectAddr', redirected), 'redirectAddr');
  if (url !== undefined) return answer(writeRedirect(out, 'redirectUrl', 'RedirectUrl', url), 'redirectUrl');
  const box = source.world.findMailbox(address);
  if (box === undefined) return answer(writeError(out, '500', 'The email address can’t be found.', now), '500');
  const setting = (name: string): string => settingOf(source, box, name) ?? '';
  open(out);
  out.open('User').element('DisplayName', box.profile.name).element('LegacyDN', setting('UserDN'));
  out.element('AutoDiscoverSMTPAddress', box.address).element('DeploymentId', box.profile.guid).close();
  out.open('Account').element('AccountType', 'email').element('Action', 'settings').element('MicrosoftOnline', 'False');
  for (const type of ['EXCH', 'EXPR']) {
    out.open('Protocol').element('Type', type).element('Server', setting('InternalMailboxServer'));
    if (type === 'EXCH') out.element('ServerDN', setting('MailboxDN')).element('ServerVersion', '73C28608');
    out.element('SSL', source.ewsUrl.startsWith('https:') ? 'On' : 'Off').element('AuthPackage', 'Ntlm');
    out.element('ASUrl', setting('ExternalEwsUrl')).element('EwsUrl', setting('ExternalEwsUrl')).close();
  }
  out.close().close().close();
  return answer(out.toString(), 'NoError');
}

function answer(body: string, code: string): AutodiscoverAnswer {
  return { status: 200, body, codes: [code], operation: 'PoxAutodiscover' };
}

function parse(body: string): XmlElement | undefined {
  try {
    return parseXml(body);
  } catch (error) {
    if (error instanceof XmlParseError) return undefined;
    throw error;
  }
}

function open(out: XmlWriter): void {
  out.open('Autodiscover', { xmlns: RESPONSE_NS }).open('Response', { xmlns: OUTLOOK_NS });
}

function writeRedirect(out: XmlWriter, action: string, element: string, target: string): string {
  open(out);
  out.open('Account').element('Action', action).element(element, target);
  return out.close().close().close().toString();
}

function writeError(out: XmlWriter, code: string, message: string, now: number): string {
  out.open('Autodiscover', { xmlns: RESPONSE_NS }).open('Response');
  out.open('Error', { Time: new Date(now).toISOString().slice(11, 19), Id: '1054084152' });
  out.element('ErrorCode', code).element('Message', message).element('DebugData');
  return out.close().close().close().toString();
}
