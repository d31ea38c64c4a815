import { createRoot } from "react-dom/client";
import "./styles/base.css";
import "./styles/page.css";
import "./styles/blocks.css";
import { App } from "./view/App";

createRoot(document.getElementById("root")!).render(<App />);
