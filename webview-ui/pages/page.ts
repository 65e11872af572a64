// What a page of the editor has for a script: it takes the page as it is now, and draws what changed.
import type { VsCodeApi } from "../state/panelWire.ts";
import { redraw } from "./redraw.ts";

declare function acquireVsCodeApi(): VsCodeApi;

window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  const html = (data as { html?: unknown } | null)?.html;
  if (typeof html !== "string") return;
  // Read as a document of its own, which runs nothing and loads nothing.
  const wanted = new DOMParser().parseFromString(html, "text/html");
  document.title = wanted.title;
  const [shown, next] = [document.body, wanted.body];
  // The editor's own: the theme and what it says to styles.
  for (const { name, value } of shown.attributes) next.setAttribute(name, value);
  redraw(shown, next);
});

// A page that was hidden begins with what it held first.
acquireVsCodeApi().postMessage("ready");
