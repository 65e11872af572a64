/**
 * Something of the editor that a message is to carry, named and not yet read: a chip of the composer. It is read when the
 * message is sent, so that the model gets it as it is then.
 *
 * file: `uri`, with its lines `from` to `to` or whole. folder: `uri`, the names in it. problems: those of `uri`, of its line
 * `from`, or of the whole workspace. terminal: `id` is "output", of the last command. changes: `id` is "staged" or "unstaged".
 * session: `id` is its key. resource: `id` is the MCP server that has it, `uri` what it calls it.
 */
export interface ContextRef {
  kind: "file" | "folder" | "problems" | "terminal" | "changes" | "session" | "resource";
  /** What the chip says: "src/main.ts:10-24". */
  label: string;
  /** A codicon. */
  icon: string;
  uri?: string;
  id?: string;
  /** From 1, both lines among what is meant. */
  from?: number;
  to?: number;
}

/** A thing that can be carried, as the list of them shows it. */
export interface ContextFound {
  ref: ContextRef;
  label: string;
  /** Where it is, or how much of it there is. */
  detail?: string;
}
