import type { Panel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

/** Follows links and code buttons of rendered messages. Nothing in a message acts by itself. */
export function onMessageClick(event: MouseEvent, { gateway, session }: Panel): void {
  // The right one asks for a menu, and the others go back and forth.
  if (event.button > 1) return;
  const element = event.target instanceof Element ? event.target : undefined;
  const link = element?.closest<HTMLAnchorElement>("a");
  if (link) {
    event.preventDefault();
    // The editor hears of clicks in its pages from the window, and would open it once more.
    event.stopPropagation();
    const { url, path, line } = link.dataset;
    if (url) void session.attempt(() => gateway.call("editor.openLink", { url }));
    else if (path)
      void session.attempt(() => gateway.call("editor.openFile", { path, ...(line && { line: Number(line) }) }));
    return;
  }
  const button = element?.closest<HTMLButtonElement>("button[data-action]");
  const code = button?.closest<HTMLElement>(".code");
  if (!button || !code || event.button !== 0) return;
  const text = code.querySelector("pre")?.textContent ?? "";
  const { language, target } = code.dataset;
  void session.attempt(async () => {
    if (button.dataset["action"] === "insert") await gateway.call("editor.insert", { text });
    if (button.dataset["action"] === "apply") {
      await gateway.call("editor.apply", { text, ...(language && { language }), ...(target && { path: target }) });
    }
    if (button.dataset["action"] !== "copy") return;
    await gateway.call("editor.copy", { text });
    showCopied(button);
  });
}

function showCopied(button: HTMLButtonElement): void {
  const icon = button.querySelector(".codicon");
  icon?.classList.replace("codicon-copy", "codicon-check");
  button.title = strings.copied;
  button.ariaLabel = strings.copied;
  setTimeout(() => {
    icon?.classList.replace("codicon-check", "codicon-copy");
    button.title = strings.copy;
    button.ariaLabel = strings.copy;
  }, 1500);
}
