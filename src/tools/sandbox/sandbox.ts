/** What a sandboxed command may do. */
export interface Confinement {
  /** Absolute real path of the folder it works in. */
  workspace: string;
  /** reading changes nothing at all; working may write in the workspace, protected paths left out. */
  strength: "reading" | "working";
  /** The network it has: none, that of the machine, or what lets it through to some hosts. */
  network: "none" | "all" | Gate;
  /** Files and folders that are not there for it, as real paths. */
  hidden: HiddenPath[];
  /** Folders outside of the workspace that it may look into: the repository of a worktree. */
  readable?: string[];
  /** Files and folders of the workspace that stay as they are although the rest may be written. */
  fixed: string[];
  /** Folders that may be written and not be moved, so that nothing takes the place of what is fixed in them. */
  pinned: string[];
}

/** Where whoever decides about each connection listens: on a socket file, or on a port of loopback. */
export type Gate = { socketFile: string } | { port: number };

export interface HiddenPath {
  path: string;
  /** What is there instead: a folder or file that cannot be read, or a file with nothing in it. */
  as: "folder" | "file" | "empty";
}

export interface Program {
  file: string;
  args: string[];
}

/** A way of this system to keep a program and all that it starts within bounds. */
export interface Sandbox {
  kind: "bubblewrap" | "sandbox-exec";
  /** What a gate has to listen on. */
  gate: "socketFile" | "port";
  /** Whether everything that was started ends with the program itself. */
  endsTree: boolean;
  /** The program that runs `program` confined, in the environment that it is given. */
  confine(program: Program, confinement: Confinement, env: Record<string, string>): Promise<Program>;
}

/** The sandbox of this system, or why there is none. */
export type FoundSandbox = { sandbox: Sandbox } | { sandbox?: undefined; reason: string };
