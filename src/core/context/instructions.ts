import type { InstructionFile } from "../../protocol/context/instructionFile.ts";
import type { Message } from "../../protocol/message.ts";
import type { RealFolder } from "../ports/folders.ts";
import type { InstructionFiles } from "../ports/context/instructionFiles.ts";
import type { Store } from "../ports/store.ts";
import type { SettingsNow } from "../ports/settings.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { Journal } from "../state/journal.ts";
import type { SessionRepository } from "../state/sessionRepository.ts";
import type { Histories } from "./histories.ts";
import { readTold } from "./modelContext.ts";
import { type Told, toldKey, toldOf } from "./told.ts";

/** Standing instructions in files, as sessions are told them. */
export interface Instructions {
  /** What stands in the prompt of all the session's requests. */
  standing(session: StoredSession): Promise<InstructionFile[]>;
  /** Those that a session is told now: what stands, and those of the folders that it came into. */
  inUse(session: StoredSession): Promise<InstructionFile[]>;
  /** Tells those of folders on the way to real paths that a run has looked at, where its model was not told them yet. */
  tell(journal: Journal, session: StoredSession, places: ReadonlySet<string>): Promise<Message[]>;
}

export interface InstructionsOptions {
  files?: InstructionFiles | undefined;
  store: Store;
  histories: Histories;
  sessionRepository: SessionRepository;
  settings: SettingsNow;
  realFolder: RealFolder;
}

export function createInstructions(options: InstructionsOptions): Instructions {
  const { files = NONE, store, histories, sessionRepository, settings, realFolder } = options;
  const isOff = ({ workspace }: StoredSession) => settings(workspace).instructionFiles === false;
  const folderOf = ({ workspace }: StoredSession) => (workspace === undefined ? undefined : realFolder(workspace));

  const standing: Instructions["standing"] = async (session) =>
    isOff(session) ? [] : await files.standing(folderOf(session));
  return {
    standing,
    async inUse(session) {
      if (isOff(session)) return [];
      const files = [...toldOf(await readTold(store, session)).values()].filter(({ kind }) => kind === "instructions");
      const told = files.map(({ place: name, text }): InstructionFile => {
        const beneath = name.slice(0, name.lastIndexOf("/"));
        return { path: `${folderOf(session)}/${name}`, name, from: "workspace", beneath, text };
      });
      return [...(await standing(session)), ...told];
    },
    async tell(journal, session, places) {
      const folder = folderOf(session);
      if (folder === undefined || places.size === 0 || isOff(session)) return [];
      const found = (await files.beneath(folder, places)).filter(({ text }) => text !== "");
      if (found.length === 0) return [];
      const told = toldOf(await histories.context(await sessionRepository.get(session.key)));
      const untold = found.map(toMessage).filter((message) => told.get(toldKey(message))?.text !== message.text);
      if (untold.length > 0) await journal.write(untold.map((message) => ({ type: "message", message })));
      return untold;
    },
  };
}

const NONE: InstructionFiles = { standing: async () => [], beneath: async () => [] };

function toMessage({ name, beneath, text }: InstructionFile): Told {
  return {
    role: "system",
    kind: "instructions",
    place: name,
    text: `${name}, for what is beneath ${beneath}:\n\n${text}`,
  };
}
