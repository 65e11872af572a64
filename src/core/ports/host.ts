import type { Disposable } from "../../base/disposable.ts";
import type { Log } from "../../base/log.ts";
import type { CodeKnowledge } from "./codeKnowledge.ts";
import type { Files } from "./files.ts";
import type { Provider } from "./provider.ts";

/** Where a host keeps secrets that the agent itself comes by, as tokens are. */
export interface Vault {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
}

/** All that the edge supplies: an editor window, or a terminal. */
export interface Host {
  /** Shown to people and in the lease: "VS Code", "pincer gateway". */
  name: string;
  version: string;
  /** Absolute folders that sessions may work in, trusted by the user; the first is the default. May change. */
  workspaces(): string[];
  onDidChangeWorkspaces?(listener: () => void): Disposable;
  /**
   * Asks the user whether a workspace's openclaw.yml may have exactly these changes, which go beyond their own
   * configuration. Absent: nobody to ask, so no.
   */
  confirm?(question: { file: string; changes: { key: string; value: string }[] }): Promise<boolean>;
  /** Absolute path of the state folder (PINCER_HOME). */
  stateDir: string;
  /** A secret the user stored, as in "anthropic.apiKey"; undefined when there is none. */
  secret(name: string): Promise<string | undefined>;
  /** Absent: they are in files of the state folder that only their owner may read. */
  vault?: Vault;
  log: Log;
  /** The files as the editor sees them; absent: the disk. */
  files?: Files;
  /** What the editor knows of the code in its folders; absent: there is no editor. */
  code?: CodeKnowledge;
  /** Models of the host itself, such as the editor's. */
  providers?: Provider[];
  /**
   * What the servers of models and of tools are asked by. Absent: models by the global fetch, which an editor may have made its own, and
   * tools by Node's plain client, which waits for as long as a call may last.
   */
  fetch?: typeof fetch;
}
