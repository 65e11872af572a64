/** The environment with this machine asked directly, whatever proxy it names for others. */
export function askedDirectly(env) {
  const direct = [env.NO_PROXY ?? env.no_proxy, "localhost", "127.0.0.1", "::1", "[::1]"].filter(Boolean).join(",");
  return { ...env, NO_PROXY: direct, no_proxy: direct };
}
