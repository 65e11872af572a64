import type { BrowserAnswer, BrowserRequest } from "../../protocol/browser.ts";

/** One browser for the whole gateway, a context with cookies of its own for each session. */
export interface Browser {
  /**
   * Does one action in the caller's session, starting the browser when it does not run. Rejects with `unavailable` when
   * there is none to start, `conflict` for a stale ref or an open dialog, `forbidden` for an address or a file that may
   * not be reached, `timed_out`, and with the signal's reason within 2 s of its abort.
   */
  act(request: BrowserRequest, caller: BrowserCaller): Promise<BrowserAnswer>;
  /**
   * Where a request would land, for whoever has to ask the user first. Starts nothing, opens nothing; rejects with
   * `forbidden` for an address that would not be opened.
   */
  look(sessionKey: string, request: BrowserRequest): Promise<BrowserView>;
  /** Notes that the user lets the session use an origin, until its tabs are closed by `stop` or `clear`. */
  admit(sessionKey: string, origin: string): void;
  /** Closes tabs here as another process was asked to, by `stop` or `clear`. */
  leave(left: BrowserLeft): Promise<void>;
  /** Closes a session's tabs and removes its cookies and downloads: the session is gone. */
  forget(sessionKey: string): Promise<void>;
  /** Saves what the sessions keep and ends the browser. */
  close(): Promise<void>;
}

/** Whose tabs were closed for good. */
export interface BrowserLeft {
  /** Undefined: all. */
  sessionKey?: string;
  /** With their cookies, storage and downloads. */
  wiped: boolean;
}

export interface BrowserCaller {
  sessionKey: string;
  /** Absolute real path of the session's folder, the only one that uploads come from; "" when there is none. */
  workspace: string;
  /** Whether files that may hold secrets may be uploaded: somebody was shown them and said yes. */
  maySecrets?: boolean;
  /** SHA-256, in hex, of each file of an upload as it was when somebody was asked; absent: nobody was. Another one is a `conflict`. */
  seen?: string[];
  signal: AbortSignal;
}

export interface BrowserView {
  /** The page that would be opened, or acted on; undefined without one. */
  url?: string;
  /** "https://example.com"; undefined where the page has none, as about:blank. */
  origin?: string;
  /** Origins that the user let the session use. */
  admitted: ReadonlySet<string>;
}
