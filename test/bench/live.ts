/** What a gateway has in use and open, by its own count, when all garbage is gone. */
export interface Live {
  mb: number;
  /** How many there are of each kind: timers, sockets, what it listens to, files that are open, functions that somebody may call yet. */
  open: Record<string, number>;
}
