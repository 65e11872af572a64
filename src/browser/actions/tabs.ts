import { type Action, needed } from "./action.ts";
import { race } from "../../base/wait.ts";
import { takeSnapshot, toPageText } from "../page/snapshot.ts";
import { usableTab } from "./action.ts";

export const tabs: Action = async ({ session }) => ({ tabs: await session.describe() });

export const focus: Action = async ({ request, session }) => {
  const tab = session.tab(needed(request.targetId, "targetId", request));
  session.focus(tab);
  await tab.page.bringToFront();
  return {};
};

export const close: Action = async ({ request, session }) => {
  await session.closeTab(session.tab(request.targetId));
  return { tabs: await session.describe() };
};

/** The page as text; further parts come from the same reading, as long as the page is the same. */
export const snapshot: Action = async (context) => {
  const tab = usableTab(context);
  const offset = context.request.offset ?? 0;
  const kept = offset > 0 && tab.seen?.document === tab.document ? tab.seen.text : undefined;
  return { snapshot: toPageText(kept ?? (await takeSnapshot(tab, context.signal)), offset) };
};

export const console: Action = async ({ request, session }) => ({ console: session.tab(request.targetId).console });

export const network: Action = async ({ request, session }) => ({
  network: session.tab(request.targetId).requests.failures,
});

export const downloads: Action = async ({ session, signal }) => {
  await race(session.downloads.idle(), signal);
  const { files, problems } = session.downloads;
  return {
    downloads: files,
    ...(problems.length > 0 ? { notices: problems.map((text) => `Not saved: ${text}`) } : {}),
  };
};
