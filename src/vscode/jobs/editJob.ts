import * as vscode from "vscode";
import type { Job } from "../../protocol/job.ts";
import { askSchedule } from "./askSchedule.ts";
import { askTarget } from "./askTarget.ts";
import { taskText } from "./jobTask.ts";
import { openTask } from "./taskFiles.ts";
import { askText } from "../host/askText.ts";
import type { Window } from "../host/window.ts";
import { editorLocale } from "./editorLocale.ts";
import { shownName, withoutIcons } from "../host/plainText.ts";
import type { RouteClient, Routes } from "../../client/routeClient.ts";
import { momentWords, scheduleWords } from "../../schedule/scheduleWords.ts";

export const LONGEST_NAME = 200;
const LONGEST_RUN_S = 30 * 24 * 3600;

/** What may be changed of a job. */
type JobPatch = Routes["cron.update"]["input"]["patch"];

interface Field extends vscode.QuickPickItem {
  /** The change, or undefined when cancelled. "elsewhere": it is changed in a document that is open now. */
  ask(title: string): Promise<JobPatch | "elsewhere" | undefined>;
}

/** Lets the user change one thing of a job after another, until they have done. */
export async function editJob(window: Window, client: RouteClient, job: Job): Promise<void> {
  const title = vscode.l10n.t("Edit job “{0}”", withoutIcons(shownName(job.name)));
  for (let now = job; ;) {
    const placeHolder = !now.enabled
      ? vscode.l10n.t("The job is off. Choose what to change; Escape when done")
      : vscode.l10n.t("Choose what to change; Escape when done");
    const field = await vscode.window.showQuickPick(listFields(window, client, now), { title, placeHolder });
    if (!field) return;
    const patch = await field.ask(`${title}: ${field.label}`);
    if (patch === "elsewhere") return;
    if (patch) now = (await client.call("cron.update", { id: job.id, patch })).job;
  }
}

function listFields(window: Window, client: RouteClient, job: Job): Field[] {
  const { name, schedule, payload, sessionTarget, model, timeoutSeconds, misfire, delivery } = job;
  const { budgetUsd, budgetTokens, condition } = job;
  const missing = vscode.l10n.t("Type something");
  return [
    ...(mayBeTurnedOn(job)
      ? [{ label: vscode.l10n.t("Turn on"), ask: async (): Promise<JobPatch> => ({ enabled: true }) }]
      : []),
    {
      label: vscode.l10n.t("Name"),
      description: withoutIcons(shownName(name)),
      ask: async (title) => wrap("name", await askText({ title, missing, most: LONGEST_NAME, value: name })),
    },
    {
      label: vscode.l10n.t("Schedule"),
      description: scheduleWords(schedule, editorLocale()),
      ask: async (title) => wrap("schedule", await askSchedule(title, typedForm(job))),
    },
    {
      label: vscode.l10n.t("What to do"),
      description: withoutIcons(taskText(payload)),
      async ask() {
        await openTask(job);
        return "elsewhere";
      },
    },
    {
      label: vscode.l10n.t("Where it runs"),
      description: sessionTarget,
      ask: async (title) => wrap("sessionTarget", await askTarget(window, title)),
    },
    {
      label: vscode.l10n.t("Model"),
      description: model ?? vscode.l10n.t("as configured"),
      async ask(title) {
        const { chooseModel } = await import("../choices/index.ts");
        return wrap("model", await chooseModel(client, title));
      },
    },
    {
      label: vscode.l10n.t("Time limit"),
      description: timeoutSeconds === undefined ? vscode.l10n.t("one hour") : `${timeoutSeconds} s`,
      ask: async (title) =>
        wrap("timeoutSeconds", await askNumber(title, vscode.l10n.t("Seconds"), timeoutSeconds, mostSeconds)),
    },
    {
      label: vscode.l10n.t("Budget"),
      description: budgetUsd === undefined ? vscode.l10n.t("as configured") : `$${budgetUsd}`,
      ask: async (title) =>
        wrap("budgetUsd", await askNumber(title, vscode.l10n.t("US dollars for one run"), budgetUsd)),
    },
    {
      label: vscode.l10n.t("Budget in tokens"),
      description: budgetTokens === undefined ? vscode.l10n.t("as configured") : String(budgetTokens),
      ask: async (title) =>
        wrap("budgetTokens", await askNumber(title, vscode.l10n.t("Tokens for one run"), budgetTokens, wholeNumber)),
    },
    {
      label: vscode.l10n.t("Condition"),
      description: withoutIcons(condition?.command ?? vscode.l10n.t("none")),
      ask: async (title) => askCondition(title, condition),
    },
    {
      label: vscode.l10n.t("Missed runs"),
      description: misfire?.policy === "skip" ? vscode.l10n.t("stay missed") : vscode.l10n.t("one catch-up"),
      ask: (title) => askMisfire(title, misfire),
    },
    {
      label: vscode.l10n.t("Result"),
      description: resultWords(delivery),
      ask: (title) => askDelivery(client, title, delivery),
    },
  ];
}

type DeliveryItem = vscode.QuickPickItem & Pick<NonNullable<Job["delivery"]>, "mode" | "channel" | "content">;

/** Where a result goes, as `announce telegram 123`. */
function resultWords({ mode = "none", channel, to, url }: Partial<NonNullable<Job["delivery"]>> = {}): string {
  return [mode, channel, to, url].filter(Boolean).join(" ");
}

function wrap<Name extends keyof JobPatch>(name: Name, value: JobPatch[Name] | undefined): JobPatch | undefined {
  return value === undefined ? undefined : ({ [name]: value } as JobPatch);
}

/** The schedule as it could have been typed. */
function typedForm({ schedule }: Job): string {
  if (schedule.kind === "cron") return [schedule.expr, schedule.tz].filter(Boolean).join(" ");
  if (schedule.kind === "every") return scheduleWords(schedule, editorLocale());
  return schedule.kind === "at" ? momentWords(Date.parse(schedule.at), editorLocale().timeZone) : "";
}

/** A job that is off, but for a one-shot whose time has passed: that needs another schedule. */
function mayBeTurnedOn({ enabled, schedule }: Job): boolean {
  return !enabled && (schedule.kind !== "at" || Date.parse(schedule.at) > Date.now());
}

function mostSeconds(number: number): string | undefined {
  return number > LONGEST_RUN_S ? vscode.l10n.t("At most {0}, which is 30 days", LONGEST_RUN_S) : undefined;
}

function wholeNumber(number: number): string | undefined {
  return Number.isSafeInteger(number) ? undefined : vscode.l10n.t("Type a whole number");
}

/** null for none: what was typed is nothing. `fault` says what is wrong with a number above 0. */
async function askNumber(
  title: string,
  prompt: string,
  value: number | undefined,
  fault?: (number: number) => string | undefined,
): Promise<number | null | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt,
    placeHolder: vscode.l10n.t("Empty: as configured"),
    value: value === undefined ? "" : String(value),
    ignoreFocusOut: true,
    validateInput(text) {
      if (text.trim() === "") return undefined;
      const number = Number(text);
      if (!Number.isFinite(number) || number <= 0) return vscode.l10n.t("Type a number above 0, or nothing");
      return fault?.(number);
    },
  });
  if (typed === undefined) return undefined;
  return typed.trim() === "" ? null : Number(typed);
}

async function askCondition(title: string, now: Job["condition"]): Promise<JobPatch | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t("A command that decides: the job fires where it ends with 0"),
    placeHolder: vscode.l10n.t("Empty: none"),
    value: now?.command ?? "",
    ignoreFocusOut: true,
  });
  if (typed === undefined) return undefined;
  return { condition: typed.trim() === "" ? null : { ...now, command: typed } };
}

async function askMisfire(title: string, now: Job["misfire"]): Promise<JobPatch | undefined> {
  const items = [
    { label: vscode.l10n.t("One catch-up when the gateway is back"), policy: "once" as const },
    { label: vscode.l10n.t("They stay missed"), policy: "skip" as const },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title });
  return chosen && { misfire: { ...now, policy: chosen.policy } };
}

async function askDelivery(client: RouteClient, title: string, now: Job["delivery"]): Promise<JobPatch | undefined> {
  const { channels } = await client.call("channels.list", {});
  const items: DeliveryItem[] = [
    { label: vscode.l10n.t("Stays in its session"), mode: "none" },
    { label: vscode.l10n.t("Told to me, and noted in the main session"), mode: "announce" },
    { label: vscode.l10n.t("Told to me, as a report of what the run did"), mode: "announce", content: "report" },
    ...channels.flatMap(({ id: channel }): DeliveryItem[] => [
      { label: vscode.l10n.t("Told to me, and sent to a chat on {0}…", channel), mode: "announce", channel },
      {
        label: vscode.l10n.t("Told to me, and a report sent to a chat on {0}…", channel),
        ...{ mode: "announce", channel, content: "report" },
      },
    ]),
    { label: vscode.l10n.t("Posted to a webhook…"), mode: "webhook" },
    { label: vscode.l10n.t("Posted to a webhook, with a report…"), mode: "webhook", content: "report" },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title });
  const content = chosen?.content ? { content: chosen.content } : {};
  if (chosen?.channel !== undefined) {
    const { mode, channel } = chosen;
    const to = await vscode.window.showInputBox({
      title,
      prompt: vscode.l10n.t("The chat's number, with its topic or thread behind it as in 789:1011"),
      placeHolder: vscode.l10n.t("Empty: the first who may talk there"),
      value: now?.channel === channel ? (now.to ?? "") : "",
      ignoreFocusOut: true,
    });
    if (to === undefined) return undefined;
    return { delivery: { mode, channel, ...(to.trim() === "" ? {} : { to: to.trim() }), ...content } };
  }
  if (chosen?.mode !== "webhook") return chosen && { delivery: { mode: chosen.mode, ...content } };
  const isAddress = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  const url = await vscode.window.showInputBox({
    title,
    placeHolder: "https://example.com/hook",
    value: now?.mode === "webhook" ? (now.url ?? "") : "",
    ignoreFocusOut: true,
    validateInput: (text) => (isAddress(text) ? undefined : vscode.l10n.t("Type an http or https address")),
  });
  return url === undefined ? undefined : { delivery: { mode: "webhook", url, ...content } };
}
