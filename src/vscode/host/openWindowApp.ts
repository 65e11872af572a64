import { existsSync } from "node:fs";
import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import * as vscode from "vscode";
import type { App } from "../../app.ts";
import type { Host } from "../../core/ports/host.ts";
import { configFile } from "./editorHost.ts";

/** Loads the agent, and leads with it, or works beside the gateway that does, as the settings of this window say. */
export async function openWindowApp(host: Host): Promise<App> {
  const port = vscode.workspace.getConfiguration("pincer").get<number | null>("gateway.port", null);
  const config = configFile();
  if (config !== "") checkThere(config);
  const { openApp } = await import("../../app.ts");
  return openApp({
    // As it is now: what this gateway wrote it must find again, whatever the settings say meanwhile.
    host: { ...host },
    mode: "join",
    ...(port === null ? {} : { port }),
    ...defined({ config: config || undefined }),
  });
}

/** Nothing else stands for it: rules may be in it. */
function checkThere(file: string): void {
  if (existsSync(file)) return;
  const message = vscode.l10n.t("{0} is not there; the setting pincer.configFile names it.", file);
  throw new AppError("bad_request", message, { details: [{ path: `${file}:1:1`, message }] });
}
