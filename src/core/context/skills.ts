import { AppError } from "../../base/appError.ts";
import { headOf } from "../../base/cutText.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { Skill } from "../../protocol/context/skill.ts";
import type { Message } from "../../protocol/message.ts";
import type { Skills } from "../services/namedTexts.ts";
import type { SkillFiles } from "../ports/context/skillFiles.ts";
import type { Store } from "../ports/store.ts";
import type { SettingsNow } from "../ports/settings.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { Journal } from "../state/journal.ts";
import type { SessionRepository } from "../state/sessionRepository.ts";
import type { Histories } from "./histories.ts";
import { readTold } from "./modelContext.ts";
import { type Told, toldOf } from "./told.ts";

/** The name of the tool that loads one. */
export const SKILL_TOOL = "skill";

/** Skills as sessions are told them. */
export interface SessionSkills extends Skills {
  /** Those that the model is told of: it may load them, or ask to. */
  offered(session: StoredSession): Promise<Skill[]>;
  /** The message that tells a skill's instructions; `forbidden` while it is not confirmed. */
  toMessage(skill: Skill): Promise<Told>;
  /** Puts down those messages whose text the model was not told yet. */
  tell(journal: Journal, session: StoredSession, messages: Told[]): Promise<Message[]>;
}

export interface SkillsOptions {
  files?: SkillFiles | undefined;
  store: Store;
  histories: Histories;
  sessionRepository: SessionRepository;
  settings: SettingsNow;
}

// As a folder's instructions are: told again behind a summary, so a long one is cut, and says so.
const MOST_CHARS = 30_000;
const MOST_NAMES = 100;

export function createSkills({ files = NONE, ...options }: SkillsOptions): SessionSkills {
  const { store, histories, sessionRepository, settings } = options;
  const list: Skills["list"] = async (workspace) =>
    settings(workspace).skills === false ? [] : await files.list(workspace);
  const get: Skills["get"] = async (name, workspace) => {
    const all = await list(workspace);
    const found = all.find((skill) => skill.name === name && skill.problem === undefined);
    if (found) return found;
    const broken = all.find((skill) => skill.name === name);
    if (broken) throw new AppError("bad_request", `The skill ${name} cannot be used. ${broken.problem}`);
    const there = all.filter(({ problem }) => problem === undefined).map((skill) => skill.name);
    throw new AppError("not_found", `There is no skill named ${name}. There are: ${there.join(", ") || "none"}.`);
  };
  return {
    list,
    get,
    async text(skill, path) {
      if (path !== undefined) return await files.file(skill, path);
      const names = await files.names(skill);
      return [await files.body(skill), filesWords(names)].filter(Boolean).join("\n\n");
    },
    async confirm({ name, hash }, workspace) {
      if ((await get(name, workspace)).hash !== hash)
        throw new AppError("conflict", `The skill ${name} has changed since it was looked at`);
      await files.confirm(hash);
    },
    async inUse(session) {
      return [...toldOf(await readTold(store, session)).values()].flatMap(({ kind, place }) =>
        kind === "skill" ? [place] : [],
      );
    },
    offered: async ({ workspace }) => (await list(workspace)).filter(({ forModel }) => forModel),
    async toMessage(skill) {
      if (!skill.confirmed) throw unconfirmed(skill);
      const [body, names] = [await files.body(skill), await files.names(skill)];
      const left = body.length - MOST_CHARS;
      const parts = [
        `The skill ${skill.name}, whose files are in ${skill.path}:`,
        headOf(body, MOST_CHARS),
        left > 0 ? `[${left} more characters; read them with ${SKILL_TOOL}, file: SKILL.md]` : "",
        filesWords(names),
      ];
      return { role: "system", kind: "skill", place: skill.name, text: parts.filter(Boolean).join("\n\n") };
    },
    async tell(journal, session, messages) {
      if (messages.length === 0) return [];
      const told = toldOf(await histories.context(await sessionRepository.get(session.key)));
      const each = [...toldOf(messages)];
      const untold = each.filter(([key, { text }]) => told.get(key)?.text !== text).map(([, message]) => message);
      if (untold.length > 0) await journal.write(untold.map((message) => ({ type: "message", message })));
      return untold;
    },
  };
}

const NONE: SkillFiles = {
  list: async () => [],
  body: async () => "",
  file: async () => "",
  names: async () => [],
  confirm: async () => {},
};

function filesWords(names: string[]): string {
  if (names.length === 0) return "";
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  return `Its files, to be read with ${SKILL_TOOL} or run as they are: ${names
    .slice(0, MOST_NAMES)
    .map((name) => visibleLine(name))
    .join(", ")}${more}`;
}

function unconfirmed({ name, path }: Skill): AppError {
  return new AppError(
    "forbidden",
    `The skill ${name} of this workspace is used once a person has confirmed what is in ${path}: pincer skills confirm ${name}`,
  );
}

// A thousand tokens and a half, with every request.
const MOST_LIST_CHARS = 6000;
const DESCRIPTION_CHARS = [1024, 400, 200, 100, 50];

/** What the prompt says of the skills there are. Of one that nobody has confirmed only the name: its words are not the user's. */
export function skillWords(skills: Skill[]): string {
  if (skills.length === 0) return "";
  const lines = (most: number) =>
    skills.map(({ name, description, confirmed }) => {
      if (!confirmed) return `- ${name} (asks first)`;
      return most === 0 ? `- ${name}` : `- ${name}: ${visibleLine(description, most)}`;
    });
  const fits = (some: string[]) => some.join("\n").length <= MOST_LIST_CHARS;
  const most = DESCRIPTION_CHARS.find((chars) => fits(lines(chars))) ?? 0;
  const told = lines(most);
  while (!fits(told)) told.pop();
  const left = skills.length - told.length;
  return [
    `Skills hold instructions for special tasks. Where one fits, call ${SKILL_TOOL} with its name before you begin:`,
    ...told,
    ...(left > 0 ? [`and ${left} more, whose names there is no room for`] : []),
  ].join("\n");
}
