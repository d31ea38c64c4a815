import { useContext, useEffect, type KeyboardEvent, type ReactNode } from "react";
import { Blocks } from "../blocks/Blocks";
import { ActionsContext, SurfaceProvider } from "../blocks/surface";
import type { AppInfo, Conversation as Conv, Json, Seen } from "../types";
import { Avatar } from "./Avatar";
import { Conversation } from "./Conversation";

export type Tab = "home" | "messages" | "about";

const TABS: [Tab, string][] = [["home", "Home"], ["messages", "Messages"], ["about", "About"]];

interface Props {
  seen: Seen;
  app: AppInfo;
  tab: Tab;
  at?: string;
  onTab: (tab: Tab) => void;
  onThread: (ts: string) => void;
  menuButton: ReactNode;
}

/** An app's own place, with Slack's three tabs. */
export function AppPlace({ seen, app, tab, at, onTab, onThread, menuButton }: Props): ReactNode {
  const dm = seen.conversations.find((c) => c.with === app.bot_user);
  const conversation: Conv = dm ?? { id: app.bot_user, name: app.name, kind: "dm", with: app.bot_user, archived: false, shared: false, unread: 0, is_member: true };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = TABS.findIndex(([key]) => key === tab);
    const next = TABS[(at + step + TABS.length) % TABS.length]![0];
    onTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  const head = (
    <header className="place-head place-head-app">
      {menuButton}
      <Avatar id={app.bot_user} name={app.name} app size={26} />
      <h1>{app.name}</h1>
      <span className="app-badge">APP</span>
      <div role="tablist" aria-label={app.name} className="tabs" onKeyDown={onKeyDown}>
        {TABS.map(([key, label]) => (
          <button key={key} id={`tab-${key}`} type="button" role="tab" aria-selected={tab === key} tabIndex={tab === key ? 0 : -1} onClick={() => onTab(key)}>
            {label}
            {key === "messages" && (dm?.unread ?? 0) > 0 && <span className="unread-count" aria-label={`${dm?.unread} unread`}>{dm?.unread}</span>}
          </button>
        ))}
      </div>
    </header>
  );
  if (tab === "messages") return <Conversation seen={seen} conversation={conversation} title={head} onThread={onThread} at={at} menuButton={null} />;
  return (
    <main className="place" aria-label={app.name}>
      {head}
      <div className="app-tab" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {tab === "home" ? <HomeTab key={seen.me.id} seen={seen} app={app} /> : <About seen={seen} app={app} />}
      </div>
    </main>
  );
}

function HomeTab({ seen, app }: { seen: Seen; app: AppInfo }): ReactNode {
  const { act } = useContext(ActionsContext);
  useEffect(() => {
    void act({ do: "home", app: app.id });
  }, [act, app.id]);
  const view = seen.home;
  if (!view || (view.app_id && view.app_id !== app.id)) {
    return <p className="empty" role="status">{app.name} has nothing here yet.</p>;
  }
  return <HomeView view={view} />;
}

/** A Home view as its app published it. */
export function HomeView({ view, still = false }: { view: Json; still?: boolean }): ReactNode {
  return (
    <div className="home" data-view={view.id} data-hash={view.hash}>
      <SurfaceProvider id={`h${view.id ?? ""}`} kind="home" where={still ? null : "home"} values={view.state?.values}>
        <Blocks blocks={(view.blocks ?? []) as Json[]} />
      </SurfaceProvider>
    </div>
  );
}

function About({ seen, app }: { seen: Seen; app: AppInfo }): ReactNode {
  return (
    <div className="home about">
      <h2>About {app.name}</h2>
      {app.description && <p>{app.description}</p>}
      <p className="faint">{app.connected === 0 ? "The app is not connected right now: it cannot answer." : "The app is connected."}</p>
      <h3>Commands</h3>
      {seen.commands.length === 0 && <p className="faint">It has no commands.</p>}
      <dl>
        {seen.commands.map((c) => (
          <div key={c.command}>
            <dt><code className="inline-code">{`${c.command} ${c.usage_hint ?? ""}`.trim()}</code></dt>
            <dd>{c.description}</dd>
          </div>
        ))}
      </dl>
      <h3>Shortcuts</h3>
      {seen.shortcuts.length === 0 && <p className="faint">It has no shortcuts.</p>}
      <dl>
        {seen.shortcuts.map((s) => (
          <div key={s.callback_id}>
            <dt>{s.name}</dt>
            <dd>{[s.description, s.type === "message" ? "in a message's menu" : "in the ⚡ menu"].filter(Boolean).join(" · ")}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
