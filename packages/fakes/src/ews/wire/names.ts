/** Namespaces of EWS messages and the versions a 2019 server accepts (types.xsd ExchangeVersionType; facts "Versions"). */
export const SOAP_NS = 'http://schemas.xmlsoap.org/soap/envelope/';
export const TYPES_NS = 'http://schemas.microsoft.com/exchange/services/2006/types';
export const MESSAGES_NS = 'http://schemas.microsoft.com/exchange/services/2006/messages';
export const ERRORS_NS = 'http://schemas.microsoft.com/exchange/services/2006/errors';
export const AUTODISCOVER_NS = 'http://schemas.microsoft.com/exchange/2010/Autodiscover';

/** In order of age. */
export const SERVER_VERSIONS = [
  'Exchange2007',
  'Exchange2007_SP1',
  'Exchange2010',
  'Exchange2010_SP1',
  'Exchange2010_SP2',
  'Exchange2013',
  'Exchange2013_SP1',
  'V2015_10_05',
  'V2016_01_06',
  'V2016_04_13',
  'V2016_07_13',
  'V2016_10_10',
  'V2017_01_07',
  'V2017_04_14',
  'V2017_07_11',
  'Exchange2015',
  'Exchange2016',
] as const;

export const BUILD = { major: 15, minor: 2, majorBuild: 1544, minorBuild: 4, version: 'V2017_07_11' } as const;
