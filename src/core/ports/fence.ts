/** The right to write for one session. The store refuses a batch with an older one as `conflict`. */
export interface Fence {
  sessionKey: string;
  value: number;
}
