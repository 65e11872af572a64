import { AppError } from "../../base/appError.ts";
import type { BrowserAnswer, BrowserRequest } from "../../protocol/browser.ts";
import type { SessionContext } from "../session/sessionContext.ts";
import type { Tab } from "../session/tab.ts";
import { headOf } from "../../base/cutText.ts";

export interface ActionContext {
  request: BrowserRequest;
  session: SessionContext;
  workspace: string;
  maySecrets: boolean;
  /** Digests of the files to upload, as they were when they were asked for. */
  seen: string[] | undefined;
  /** Aborts with the caller, and when the time for this action is up. */
  signal: AbortSignal;
  /** An address that a page may be opened at: http(s) to where the guard lets through, or about:blank. */
  checkUrl(url: string): Promise<string>;
}

/** What one action of the browser does in a session. What is true of all answers is added to what it resolves with. */
export type Action = (context: ActionContext) => Promise<Omit<BrowserAnswer, "action">>;

/** The tab a request is about, when nothing keeps it from being used. */
export function usableTab({ request, session }: ActionContext): Tab {
  const tab = session.tab(request.targetId);
  if (tab.dialog) {
    const { dialog } = tab;
    const outside = JSON.stringify(headOf(dialog.message(), 500));
    throw new AppError(
      "conflict",
      `A dialog (${dialog.type()}: ${outside}) is open in tab ${tab.id}: answer it with the action dialog first`,
      { outside },
    );
  }
  return tab;
}

/** A field that an action cannot do without. */
export function needed<T>(value: T | undefined, field: string, { action, kind }: BrowserRequest): T {
  if (value !== undefined) return value;
  throw new AppError("bad_request", `${action}${action === "act" && kind ? ` ${kind}` : ""} needs "${field}"`);
}

/** How an operation went on: it ended, or a dialog opened that has to be answered before it can. */
export async function orDialog<T>(tab: Tab, operation: Promise<T>): Promise<{ done: T } | "dialog"> {
  if (tab.dialog) {
    operation.catch(() => {});
    return "dialog";
  }
  const opened = Promise.withResolvers<"dialog">();
  const listening = tab.onDialog.on(() => opened.resolve("dialog"));
  try {
    return await Promise.race([operation.then((done) => ({ done })), opened.promise]);
  } finally {
    listening.dispose();
    // Goes on behind the dialog, with nobody left to hear how it ends.
    operation.catch(() => {});
  }
}

export function toDialog(tab: Tab): Pick<BrowserAnswer, "dialog"> {
  const { dialog } = tab;
  if (!dialog) return {};
  const defaultText = dialog.defaultValue();
  return {
    dialog: {
      type: dialog.type(),
      message: headOf(dialog.message(), 4000),
      ...(defaultText ? { defaultText: headOf(defaultText, 1000) } : {}),
    },
  };
}
