import * as vscode from "vscode";
import { editorTexts } from "../words/editorTexts.ts";
import type { Job } from "../../protocol/job.ts";
import type { Command } from "../host/command.ts";
import { type LivePage, openLivePage } from "../documents/livePage.ts";
import { shownName, withoutIcons } from "../host/plainText.ts";
import { type Window, needGateway } from "../host/window.ts";
import { toSentence } from "../host/windowGateway.ts";
import { editorLocale } from "./editorLocale.ts";
import { statusWord } from "./jobStatus.ts";
import { causeWords } from "./slotItem.ts";

const SHOWN_RUNS = 100;
const REDRAW_MS = 200;

const pages = new Map<string, LivePage>();

/** Shows a job with its runs in a page of the editor: of a row, of a link of the page, or one that is chosen. */
export const showJob: Command = async (window, node) => {
  const client = await needGateway(window);
  if (!client) return;
  const id = idOf(node) ?? idOf(node === undefined ? window.cron.selection[0] : undefined) ?? (await chooseJob(window));
  if (id === undefined) return;
  const { job } = await client.call("cron.get", { id });
  const known = pages.get(id);
  if (known) known.panel.reveal();
  await render(window, id, known ?? (await openPage(window, job)));
};

async function openPage(window: Window, job: Job): Promise<LivePage> {
  const { JOB_PAGE_COMMANDS } = await import("../pages/index.ts");
  const { extensionUri } = window.context;
  const page = openLivePage({
    extensionUri,
    type: "pincer.job",
    title: shownName(job.name),
    commands: JOB_PAGE_COMMANDS,
  });
  const { panel } = page;
  pages.set(job.id, page);
  let timer: NodeJS.Timeout | undefined;
  // A firing begins and ends with a change of its job.
  const watch = window.gateway.onEvent((event) => {
    if (event.type === "job.deleted" && event.jobId === job.id) panel.dispose();
    if (event.type !== "job.changed" || event.job.id !== job.id) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      render(window, job.id, page).catch((error: unknown) => window.log.warn(toSentence(error)));
    }, REDRAW_MS);
  });
  panel.onDidDispose(() => {
    pages.delete(job.id);
    watch.dispose();
    clearTimeout(timer);
  });
  return page;
}

async function render({ gateway }: Window, id: string, page: LivePage): Promise<void> {
  const client = gateway.client();
  const { jobPage } = await import("../pages/index.ts");
  const [{ job, next }, { runs }, { jobs }] = await Promise.all([
    client.call("cron.get", { id }),
    client.call("cron.runs", { id, limit: SHOWN_RUNS }),
    client.call("cron.list", {}),
  ]);
  // It was closed meanwhile.
  if (pages.get(id) !== page) return;
  const { schedule } = job;
  const before = schedule.kind === "after" ? jobs.find((other) => other.id === schedule.jobId) : undefined;
  page.panel.title = shownName(job.name);
  page.draw((head) =>
    jobPage({
      job,
      next,
      runs,
      ...(before ? { follows: before.name } : {}),
      locale: editorLocale(),
      texts: editorTexts(),
      head,
      statusOf: ({ status }) => statusWord(status),
      causeOf: causeWords,
    }),
  );
}

async function chooseJob({ gateway }: Window): Promise<string | undefined> {
  const { jobs } = await gateway.client().call("cron.list", {});
  const items = jobs.map(({ id, name, lastStatus }) => ({
    label: withoutIcons(shownName(name)),
    description: statusWord(lastStatus),
    id,
  }));
  const placeHolder = items.length > 0 ? vscode.l10n.t("Choose a job") : vscode.l10n.t("There are no jobs yet");
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.id;
}

function idOf(node: unknown): string | undefined {
  if (typeof node !== "object" || node === null) return undefined;
  const { id, fired } = node as { id?: unknown; fired?: { jobId?: unknown } };
  const found = id ?? fired?.jobId;
  return typeof found === "string" ? found : undefined;
}
