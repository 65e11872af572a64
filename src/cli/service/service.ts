/** A gateway that the system starts by itself and keeps running. */
export interface Service {
  /** "pincer", or "pincer-1a2b3c4d" over a state folder that is not the usual one. */
  name: string;
  /** The program by its whole path, and what it is given. */
  words: string[];
  /** What it needs to find other programs by. Never a secret: whoever may list processes or read units sees it. */
  env: Record<string, string>;
  /** Where goes what it says before its log is open. */
  errors: string;
}

/** What the system knows of a service. */
export interface ServiceState {
  isInstalled: boolean;
  isRunning: boolean;
  /** Where the system tells it. */
  pid?: number;
  /** In the system's own words, as in "failed (exit-code)". */
  state: string;
  /** Sentences on when it runs and when not. */
  notes: string[];
}

/** What starts programs and keeps them running on one kind of system. */
export interface Supervisor {
  /** "systemd", "launchd" or "Task Scheduler". */
  title: string;
  /** What it calls the service, or the file that it has of it. */
  place(name: string): string;
  /** Rejects with `unavailable`, in a sentence, where this user can have no service. */
  demand(): Promise<void>;
  /** Puts the service in, in place of an earlier one, and starts it. Rejects with `unavailable` in the system's words. */
  install(service: Service): Promise<void>;
  /** Stops the service and takes it out. Resolves with whether there was one. */
  uninstall(name: string): Promise<boolean>;
  look(name: string): Promise<ServiceState>;
}
