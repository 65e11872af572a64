import type { BrowserAction } from "../../protocol/browser.ts";
import { act } from "./act.ts";
import type { Action } from "./action.ts";
import { dialog } from "./dialog.ts";
import { back, forward, navigate, open, reload } from "./navigate.ts";
import { pdf } from "./pdf.ts";
import { screenshot } from "./screenshot.ts";
import { close, console, downloads, focus, network, snapshot, tabs } from "./tabs.ts";
import { upload } from "./upload.ts";

/** What is done within a session's tabs; the rest is about the browser itself. */
export const actions: Record<Exclude<BrowserAction, "status" | "start" | "stop" | "clear" | "emulate">, Action> = {
  tabs,
  open,
  focus,
  close,
  navigate,
  back,
  forward,
  reload,
  snapshot,
  act,
  screenshot,
  pdf,
  console,
  network,
  downloads,
  upload,
  dialog,
};
