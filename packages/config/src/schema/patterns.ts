/** Shapes of texts in config.json. Every pattern is linear: no nested repetition. */
import type { Text } from '../language.ts';

export const HOST = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$|^[0-9A-Fa-f:]{2,45}$/;
export const HOST_WORDS: Text = {
  en: 'a host name or an IP address, without scheme, port and path',
  ru: 'имя узла или IP-адрес, без схемы, порта и пути',
};

export const IP_ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$|^[0-9A-Fa-f:.]{2,45}$/;
export const IP_ADDRESS_WORDS: Text = { en: 'an IP address', ru: 'IP-адрес' };

export const HOST_OR_SOCKET =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$|^[0-9A-Fa-f:]{2,45}$|^\/[^\0]{0,100}$/;
export const HOST_OR_SOCKET_WORDS: Text = {
  en: 'a host name, an IP address or the folder of a Unix socket',
  ru: 'имя узла, IP-адрес или каталог Unix-сокета',
};

export const URL_PATH = /^\/[^\s?#]{0,500}$/;
export const URL_PATH_WORDS: Text = {
  en: 'a path that begins with /',
  ru: 'путь, начинающийся с /',
};

export const EMAIL = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,253}$/;
export const EMAIL_WORDS: Text = { en: 'an e-mail address', ru: 'адрес электронной почты' };

export const SERVER_ID = /^[^\s#/\\@]{1,253}#vcs$/;
export const SERVER_ID_WORDS: Text = {
  en: 'a server name followed by #vcs',
  ru: 'имя сервера и #vcs после него',
};

export const WEB_ADDRESS = /^https?:\/\/[^\s/?#@]{1,300}\/?$/;
export const WEB_ADDRESS_WORDS: Text = {
  en: 'https://HOST or https://HOST:PORT (http only to this machine), without user name, path and query',
  ru: 'https://УЗЕЛ или https://УЗЕЛ:ПОРТ (http только к этой машине), без имени пользователя, пути и запроса',
};

export const ORIGIN = /^https?:\/\/[^\s/?#@]{1,300}$/;
export const ORIGIN_WORDS: Text = {
  en: 'a web origin such as https://server.example.com',
  ru: 'источник, например https://server.example.com',
};

export const FILE_PATH = /^[^\0]{1,4096}$/;
export const FILE_PATH_WORDS: Text = {
  en: 'a path to a file, absolute or relative to the folder of config.json',
  ru: 'путь к файлу, полный или от каталога config.json',
};

export const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
export const NAME_WORDS: Text = {
  en: '1 to 64 Latin letters, digits and the signs _ . -',
  ru: 'от 1 до 64 латинских букв, цифр и знаков _ . -',
};

export const LINE = /^[^\0\r\n]{1,256}$/;
export const LINE_WORDS: Text = { en: 'a text of 1 to 256 characters', ru: 'текст от 1 до 256 символов' };

export const PREFIX = /^[^\0\r\n]{0,40}$/;
export const PREFIX_WORDS: Text = { en: 'a text of up to 40 characters', ru: 'текст до 40 символов' };

export const KEYWORD = /^\S[^\0\r\n]{1,62}\S$/;
export const KEYWORD_WORDS: Text = {
  en: 'a text of 3 to 64 characters without spaces at its ends',
  ru: 'текст от 3 до 64 символов без пробелов по краям',
};
