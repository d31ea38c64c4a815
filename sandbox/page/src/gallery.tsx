import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import "./styles/base.css";
import "./styles/page.css";
import "./styles/blocks.css";
import "./styles/gallery.css";
import { Blocks } from "./blocks/Blocks";
import { Guard } from "./blocks/Unknown";
import { SurfaceProvider } from "./blocks/surface";
import { NamesContext, makeNames, type Names } from "./text/names";
import { plain } from "./text/TextObject";
import type { AppInfo, Channel, Json, Message, Person, StateValues } from "./types";
import { HomeView } from "./view/AppPlace";
import { MessageView } from "./view/MessageView";
import { ModalFrame } from "./view/Modals";

interface Piece {
  name: string;
  kind: "message" | "modal" | "home";
  payload: Json;
  /** A word about the state, or what Slack adds to a view: errors, values, busy. */
  state?: string | { name?: string; errors?: Record<string, string>; values?: StateValues; busy?: boolean };
}

interface GalleryWorld {
  people?: Person[];
  channels?: Channel[];
  apps?: AppInfo[];
  as?: string;
}

const APP: AppInfo = { id: "A0GALLERY", name: "Canteen", bot_user: "U0GALLERY", bot_id: "B0GALLERY" };

function MessagePiece({ payload, app }: { payload: Json; app: AppInfo }): ReactNode {
  const message: Message = {
    ts: String(payload.ts ?? "1795341600.000100"),
    user: app.bot_user,
    bot_id: app.bot_id,
    text: payload.text,
    blocks: payload.blocks,
    files: payload.files,
    ephemeral: Boolean(payload.ephemeral),
    reactions: payload.reactions,
  };
  return <MessageView message={message} channel="C0GALLERY" still />;
}

function ModalPiece({ payload, state }: { payload: Json; state: Exclude<Piece["state"], string | undefined> }): ReactNode {
  return (
    <div className="dialog modal gallery-modal" role="group" aria-label={plain(payload.title)}>
      <ModalFrame view={payload} depth={1} busy={Boolean(state.busy)}>
        <div className="dialog-body">
          <SurfaceProvider id={`g${plain(payload.title)}${payload.callback_id ?? ""}`} kind="modal" where={null} values={state.values} errors={state.errors}>
            <Blocks blocks={(payload.blocks ?? []) as Json[]} />
          </SurfaceProvider>
        </div>
      </ModalFrame>
    </div>
  );
}

function PieceView({ piece, names }: { piece: Piece; names: Names }): ReactNode {
  const state = typeof piece.state === "object" ? piece.state : {};
  const words = typeof piece.state === "string" ? piece.state : state.name;
  return (
    <section className={`piece piece-${piece.kind}`} data-name={piece.name} id={piece.name.replace(/[^\w-]+/g, "-")}>
      <h2>
        {piece.name}
        <span className="faint">{[piece.kind, words].filter(Boolean).join(" · ")}</span>
      </h2>
      <div className="piece-frame">
        <Guard what={piece.name}>
          {piece.kind === "message" && <MessagePiece payload={piece.payload} app={names.apps[0] ?? APP} />}
          {piece.kind === "modal" && <ModalPiece payload={piece.payload} state={state} />}
          {piece.kind === "home" && <HomeView view={piece.payload} still />}
        </Guard>
      </div>
      {piece.kind === "message" && piece.payload.text && <p className="read-aloud"><b>Read aloud:</b> {String(piece.payload.text)}</p>}
    </section>
  );
}

function Gallery(): ReactNode {
  const pieces = (Array.isArray(window.GALLERY) ? window.GALLERY : []) as Piece[];
  const world = (window.GALLERY_WORLD ?? {}) as GalleryWorld;
  const people = world.people ?? [];
  const me = people.find((p) => p.id === world.as) ?? people[0] ?? null;
  const names = makeNames(people, world.channels ?? [], world.apps?.length ? world.apps : [APP], me);
  return (
    <NamesContext.Provider value={names}>
      <main className="gallery" aria-label="Gallery" data-pieces={pieces.length}>
        <h1>Everything the app can show</h1>
        {pieces.length === 0 && <p className="empty">Nothing to show.</p>}
        <div className="gallery-grid">{pieces.map((piece, n) => <PieceView key={`${piece.name}${n}`} piece={piece} names={names} />)}</div>
      </main>
    </NamesContext.Provider>
  );
}

createRoot(document.getElementById("root")!).render(<Gallery />);
