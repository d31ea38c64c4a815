import { useState, type ReactNode, type RefObject } from "react";
import { Popup } from "../blocks/Popup";
import { emoji, searchEmoji } from "../text/emoji";

interface Props {
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
  onPick: (name: string) => void;
}

/** Emoji to choose from, found by name. */
export function EmojiPicker({ anchor, onClose, onPick }: Props): ReactNode {
  const [query, setQuery] = useState("");
  const found = searchEmoji(query);
  const pick = (name: string) => {
    onPick(name);
    onClose();
  };
  return (
    <Popup anchor={anchor} onClose={onClose} className="emoji-popup" align="right">
      <div role="dialog" aria-label="Pick an emoji">
        <input
          className="text"
          type="search"
          aria-label="Search emoji"
          placeholder="Search emoji"
          value={query}
          autoFocus
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && found[0] && pick(found[0])}
        />
        <div className="emoji-grid">
          {found.map((name) => (
            <button key={name} type="button" title={`:${name}:`} aria-label={name} onClick={() => pick(name)}>
              {emoji(name)}
            </button>
          ))}
        </div>
        {found.length === 0 && <p className="faint">No emoji with that name.</p>}
      </div>
    </Popup>
  );
}
