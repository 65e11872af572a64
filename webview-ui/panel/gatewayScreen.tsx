import { Icon } from "../parts/icon.tsx";
import { usePanel, type Panel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

type Down = Exclude<Panel["gatewayState"]["value"]["state"], "running">;

const ICONS: Record<Down, string> = {
  starting: "loading",
  stopped: "debug-disconnect",
  error: "error",
  restricted: "workspace-untrusted",
};

/** Fills the panel while there is no gateway and nothing to read. */
export function GatewayScreen() {
  const { gatewayState } = usePanel();
  const { state, message, isConfigFault } = gatewayState.value;
  if (state === "running") return null;
  const { title, text } = strings.gateway[state];
  return (
    <div class="screen">
      <span class="screen-icon">
        <Icon name={ICONS[state]} spin={state === "starting"} />
      </span>
      <h2>{title}</h2>
      {(message || text) && <p>{message || text}</p>}
      {isConfigFault && <ConfigurationButton />}
      <GatewayAction state={state} class={isConfigFault ? "secondary" : "primary"} />
    </div>
  );
}

function ConfigurationButton() {
  const { gateway, session } = usePanel();
  const open = () => session.attempt(() => gateway.call("editor.openConfiguration", {}));
  return (
    <button type="button" class="button primary" onClick={() => void open()}>
      {strings.openConfiguration}
    </button>
  );
}

/** Says above the composer that the gateway is away, while earlier messages stay readable. */
export function GatewayBanner() {
  const { gatewayState, session } = usePanel();
  const { state, message, isConfigFault } = gatewayState.value;
  if (state === "running" || session.rows.value.length === 0) return null;
  return (
    <div class="bar" role="status">
      <Icon name={ICONS[state]} spin={state === "starting"} />
      <span class="bar-text">{message || strings.gateway[state].title}</span>
      {isConfigFault && <ConfigurationButton />}
      <GatewayAction state={state} class="secondary" />
    </div>
  );
}

function GatewayAction({ state, class: kind }: { state: Down; class: string }) {
  const { gateway, session } = usePanel();
  if (state === "starting") return null;
  const isRestricted = state === "restricted";
  const label = isRestricted ? strings.manageTrust : state === "error" ? strings.restartGateway : strings.startGateway;
  const method = isRestricted ? "editor.manageTrust" : "editor.startGateway";
  return (
    <button type="button" class={`button ${kind}`} onClick={() => void session.attempt(() => gateway.call(method, {}))}>
      {label}
    </button>
  );
}
