import { useCallback, useEffect, useState } from "react";

/** What the address bar says: who acts, where they are, and which thread is open. */
export interface Place {
  as: string;
  in: string;
  thread: string;
}

function read(): Place {
  const query = new URLSearchParams(window.location.search);
  // A permalink: /archives/C.../p1795341600000100, perhaps with its thread.
  const link = /^\/archives\/(\w+)(?:\/p(\d{10})(\d+))?/.exec(window.location.pathname);
  if (link) return { as: query.get("as") ?? sessionStorage.getItem("as") ?? "", in: link[1]!, thread: query.get("thread_ts") ?? "" };
  return { as: query.get("as") ?? "", in: query.get("in") ?? "", thread: query.get("thread") ?? "" };
}

function write(place: Place): string {
  const query = new URLSearchParams();
  if (place.as) query.set("as", place.as);
  if (place.in) query.set("in", place.in);
  if (place.thread) query.set("thread", place.thread);
  if (place.as) sessionStorage.setItem("as", place.as);
  return `/?${query}`;
}

export function usePlace(): [Place, (change: Partial<Place>, replace?: boolean) => void] {
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const onPop = () => setPlace(read());
    window.addEventListener("popstate", onPop);
    return () => window.removeEventListener("popstate", onPop);
  }, []);
  const go = useCallback((change: Partial<Place>, replace = false) => {
    const next = { ...read(), ...change };
    if (replace) window.history.replaceState(null, "", write(next));
    else window.history.pushState(null, "", write(next));
    setPlace(next);
  }, []);
  return [place, go];
}
