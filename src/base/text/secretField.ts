const KEY_NAME = /key(?!cloak|board|word)|token|secret|passw|passphrase/i;
const SECRET_NAME = new RegExp(`${KEY_NAME.source}|[-_](?:pass|pwd)$|auth(?!or(?!i[sz]))|credential|cookie`, "i");
const PLACE_NAME = /[-_](file|path|dir|sock|url|host)$/i;
/** How a text is cut up, how much of it there may be, and which variable holds a key. */
const PLAIN_NAME = /tokeniz|(^|[-_])(max|min)[-_]?(\w+[-_])?tokens?$|[-_]env([-_](var|name))?$/i;
/** The last word of a name says what it names: GIT_CONFIG_KEY_0 is no key, nor is AUTH_METHOD. */
const SECRET_END =
  /(?:key|token|secret|passw(?:or)?d|passphrase|[-_](?:pass|pwd|auth)|credentials?|cookie|authorization)$/i;
/** Many a key of ours names a session, a job or a call. */
const OPEN_END = /(?<!api[-_]?)key$|credentials?$/i;
/** Where a file lies that has it. */
const PLACE = /^(~|\.{1,2})[\\/]|^[a-zA-Z]:\\|^\/[^=+]*\.[a-z]\w{1,5}$|^\/(etc|home|opt|run|tmp|usr|var|Users)\//;

/** Whether what a variable or a header of this name holds is not to be shown beside it: rather once too often. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !isPlainName(name);
}

/** The same of an option, or a part of a query: others than these name how one signs in, or who wrote it. */
export function isKeyName(name: string): boolean {
  return KEY_NAME.test(name) && !isPlainName(name);
}

/** Whether what a variable of this name holds is a secret wherever else it stands. */
export function isSecretVariable(name: string): boolean {
  return SECRET_END.test(name) && !isPlainName(name);
}

/** Whether what a field of this name has is to be in no log. */
export function isSecretField(name: string): boolean {
  return isSecretVariable(name) && !OPEN_END.test(name);
}

/** Whether what stands under such a name is where a secret lies, and none itself. */
export function isSecretPlace(value: string): boolean {
  return PLACE.test(value);
}

function isPlainName(name: string): boolean {
  return PLACE_NAME.test(name) || PLAIN_NAME.test(name);
}
