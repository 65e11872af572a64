import type * as vscode from "vscode";
import type { Log } from "../../base/log.ts";
import type { Redactor } from "../../base/redact.ts";

/** The editor's log channel as a Log. Its level is the user's; what leaves here is redacted. */
export function createChannelLog(channel: vscode.LogOutputChannel, redactor: Redactor): Log {
  const line = (message: string, fields?: Record<string, unknown>) =>
    redactor.text(message) + (fields ? ` ${JSON.stringify(redactor.value(fields))}` : "");
  return {
    debug: (message, fields) => channel.debug(line(message, fields)),
    info: (message, fields) => channel.info(line(message, fields)),
    warn: (message, fields) => channel.warn(line(message, fields)),
    error: (message, fields) => channel.error(line(message, fields)),
  };
}
