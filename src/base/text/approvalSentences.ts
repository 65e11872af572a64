import { saidAgain, type SentencePair } from "./saidAgain.ts";
import { createTexts, type Texts } from "./texts.ts";

/** Kept as they are, so that what is said still has its places. */
const PLACES = ["{0}", "{1}"];

const english = createTexts({ language: "en", texts: {} });

export interface ApprovalWords {
  /** Why it is asked, in parts. */
  reason(said: string): string;
  /** What an answer covers. */
  covers(said: string): string;
}

/**
 * What the core says where it asks is English, for whoever goes by its words: here it is in the reader's language. What is
 * not among its sentences is shown as it was said.
 */
export function createApprovalWords({ t }: Pick<Texts, "t">): ApprovalWords {
  const said = sentences(t);
  const pairs = sentences(english.t).map((words, index): SentencePair => [words, said[index]!]);
  const covers = (words: string) => saidAgain(pairs, words);
  return { covers, reason: (words) => words.split("; ").map(covers).join("; ") };
}

function sentences(t: Texts["t"]): string[] {
  return [
    // Why it is asked
    t("changes a file"),
    t("changes {0} files", ...PLACES),
    t("deletes {0}", ...PLACES),
    t("changes a file, deletes {0}", ...PLACES),
    t("changes {0} files, deletes {1}", ...PLACES),
    t("runs a command"),
    t("runs {0}", ...PLACES),
    t("runs {0}, writes {1}", ...PLACES),
    t("runs a command that is not fully understood: {0}", ...PLACES),
    t("in the background, until it ends or is stopped"),
    t("outside of the sandbox"),
    t("in the sandbox: it may write in the workspace and use the network"),
    t("in the sandbox: it may write in the workspace and use the network, but for {0}", ...PLACES),
    t("in the sandbox: it may write in the workspace and reach {0}", ...PLACES),
    t("in the sandbox: it may write in the workspace, and reach what the job was granted"),
    t("gives input to a command that runs"),
    t("protected path: {0}", ...PLACES),
    t("{0} may hold secrets", ...PLACES),
    t("sends a request to {0}", ...PLACES),
    t("sends a message over {0}", ...PLACES),
    t("runs a job"),
    t("changes what runs unattended"),
    t("runs a script with what the page may do"),
    t("uses {0} in the browser, for the rest of this session", ...PLACES),
    t("gives files to a web page"),
    t("the workspace describes an agent that you have not confirmed with this content"),
    t("the workspace brings a skill that you have not confirmed with this content"),
    t("calls a tool of the MCP server {0}", ...PLACES),
    t("calls a tool of the MCP server {0}, which says that it changes nothing", ...PLACES),
    t("has used its budget"),
    // For how long an answer holds
    t("this call only"),
    t("this time"),
    t("nothing; the model is told so"),
    t("nothing more: what needs it ends as its budget says"),
    t("{0} more for this run", ...PLACES),
    t("{0} more for this job", ...PLACES),
    t("{0} more for this session", ...PLACES),
    t("{0} more for today", ...PLACES),
    t("{0}, in this session", ...PLACES),
    t("{0}, until this run ends", ...PLACES),
    t("{0}, in every run of this job; it asks for nothing else then", ...PLACES),
    t("{0}, always and in every folder: as a rule in your openclaw.yml", ...PLACES),
    t("{0}, always for this job", ...PLACES),
    t("{0}, always for this job: what to write into {1} is shown at the end", ...PLACES),
    // What it covers
    t("run exactly {0}", ...PLACES),
    t("run exactly {0}, reaching {1}", ...PLACES),
    t("run exactly {0}, with all of the network", ...PLACES),
    t("{0} with any words after it", ...PLACES),
    t("{0} with any words after it, none by which it writes files or starts programs", ...PLACES),
    t("run {0}", ...PLACES),
    t("change files under {0}, delete nothing", ...PLACES),
    t("change files at the top of the folder, none below, delete nothing"),
    t("change any file of the folder that is not protected, delete nothing"),
    t("change {0}, delete nothing", ...PLACES),
    t("delete {0}", ...PLACES),
    t("fetch pages of {0}", ...PLACES),
    t("use {0} in the browser", ...PLACES),
    t("call {0} of {1}", ...PLACES),
    t("call any tool of {0}", ...PLACES),
    t("{0}, as long as it is described as now", ...PLACES),
    t("{0}, which only looks", ...PLACES),
    t("read {0}", ...PLACES),
    t("send messages to {0} on {1}", ...PLACES),
    t("send messages to every chat of people who may talk on {0}", ...PLACES),
    t("let commands use the network"),
    t("let commands reach {0}", ...PLACES),
  ];
}
