import { AppError } from "../../base/appError.ts";
import { pageFunction } from "../page/pageFunction.ts";
import { locate } from "../page/locate.ts";
import { readUploads } from "../session/uploads.ts";
import { changing } from "./act.ts";
import { type Action, needed, usableTab } from "./action.ts";

const isFileField = pageFunction<boolean, unknown>("(e) => e.tagName === 'INPUT' && e.type === 'file'");

/** Gives files of the workspace to a file field, or to the button that asks for them. */
export const upload: Action = async (context) => {
  const { request, signal, workspace, maySecrets, seen } = context;
  const tab = usableTab(context);
  const files = await readUploads(workspace, needed(request.paths, "paths", request), { maySecrets, seen });
  const target = await locate(tab, request);
  return changing(context, tab, async () => {
    const isField = await target.evaluate(isFileField);
    if (isField) {
      await target.setInputFiles(files, { signal, timeout: 0 });
      return {};
    }
    const asked = tab.page.waitForEvent("filechooser", { timeout: 5000 }).catch(() => undefined);
    await target.click({ signal, timeout: 0 });
    const chooser = await asked;
    if (!chooser)
      throw new AppError("bad_request", "This element is no file field, and a click on it asks for no file");
    await chooser.setFiles(files, { timeout: 0 });
    return {};
  });
};
