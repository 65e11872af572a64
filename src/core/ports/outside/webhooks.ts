/** Posts results to addresses that a job names. */
export interface Webhooks {
  /** Rejects with `forbidden` when it is known already that nothing may be posted there. */
  check(target: { url: string; allowLoopback: boolean }): Promise<void>;
  /**
   * Posts `body` as signed JSON under a delivery's id, so that a receiver can tell repeats. Rejects with an AppError:
   * `bad_request` when asking again would not help. Addresses on this machine are for jobs that people made.
   */
  post(delivery: { id: string; url: string; body: unknown; allowLoopback: boolean }): Promise<void>;
}
