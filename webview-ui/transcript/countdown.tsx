import { useEffect, useState } from "preact/hooks";
import { toClock } from "../parts/format.ts";
import { strings } from "../parts/strings.ts";

/** The time now, told once a second for as long as `isOn`. */
export function useNow(isOn: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isOn) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isOn]);
  return now;
}

/** How long until silence counts as no. */
export function Countdown({ expiresAt }: { expiresAt: string }) {
  const now = useNow(true);
  return <span class="countdown">{strings.expiresIn(toClock(Date.parse(expiresAt) - now))}</span>;
}
