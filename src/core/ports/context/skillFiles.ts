import type { Skill } from "../../../protocol/context/skill.ts";

/** Skills in folders: the user's own, and a workspace's. Looked at afresh each time. */
export interface SkillFiles {
  /** By name; those that cannot be used are there with their problem. */
  list(workspace: string | undefined): Promise<Skill[]>;
  /** What its SKILL.md says after the head. `conflict` when a workspace's is no longer what was listed, here and in `file`. */
  body(skill: Skill): Promise<string>;
  /** A text file of its folder, by its path from there. */
  file(skill: Skill, path: string): Promise<string>;
  /** Its files besides SKILL.md, from its folder, as many as can be told. */
  names(skill: Skill): Promise<string[]>;
  /** From now on the content of this digest is used without a question. */
  confirm(hash: string): Promise<void>;
}
