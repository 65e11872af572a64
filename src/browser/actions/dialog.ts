import { AppError } from "../../base/appError.ts";
import { changing } from "./act.ts";
import { type Action, needed } from "./action.ts";

/** Answers the dialog that a page stands still for, and tells what the page then did. */
export const dialog: Action = async (context) => {
  const { request, session } = context;
  const tab = session.tab(request.targetId);
  const waiting = tab.dialog;
  if (!waiting) throw new AppError("conflict", `No dialog is open in tab ${tab.id}`);
  const accept = needed(request.accept, "accept", request);
  return changing(context, tab, async () => {
    tab.dialog = undefined;
    if (accept) await waiting.accept(request.text);
    else await waiting.dismiss();
    return {};
  });
};
