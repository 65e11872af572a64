/** The page on which a pull or merge request of a branch is made, where the host of a remote is known to have one. */
export function comparePage(address: string, branch: string, into: string): string | undefined {
  // As in git@github.com:owner/name.git, and with a scheme. A name or password in it is left out.
  const { host, path } =
    /^(?:https?|ssh|git):\/\/(?:[^/@]*@)?(?<host>[\w.-]+)(?::\d+)?\/(?<path>[^?#\s]+?)(?:\.git)?\/?$/i.exec(address)
      ?.groups ??
    /^(?:[^/@:]+@)?(?<host>[\w.-]+):(?<path>[^/:?#\s][^:?#\s]*?)(?:\.git)?\/?$/.exec(address)?.groups ??
    {};
  if (host === undefined || path === undefined || !path.includes("/")) return undefined;
  const [from, to] = [encodePath(branch), encodePath(into)];
  const base = `https://${host.toLowerCase()}/${encodePath(path)}`;
  if (/(^|\.)github\./i.test(host)) return `${base}/compare/${to ? `${to}...` : ""}${from}?expand=1`;
  if (/(^|\.)gitlab\./i.test(host)) {
    const target = into ? `&merge_request%5Btarget_branch%5D=${encodeURIComponent(into)}` : "";
    return `${base}/-/merge_requests/new?merge_request%5Bsource_branch%5D=${encodeURIComponent(branch)}${target}`;
  }
  return undefined;
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
