import type { InstructionFile } from "../../../protocol/context/instructionFile.ts";

/** Standing instructions in files. Read afresh each time, without following a link out of the workspace. */
export interface InstructionFiles {
  /** For all that a session does: the workspace's, then the user's own. */
  standing(workspace: string | undefined): Promise<InstructionFile[]>;
  /** Of the folders between a workspace and these real paths, outer ones first. */
  beneath(workspace: string, places: Iterable<string>): Promise<InstructionFile[]>;
}
