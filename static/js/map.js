// The map of offers (templates/activities/_map.html): one button a county, from nearer one a municipality, and one for
// several that would lie on top of each other. The list beside it says the same without a script. Data comes as JSON in
// the page, words included.

const NEAR = 6; // from this zoom on municipalities stand by themselves
const APART = 42; // pixels between the middles of two buttons
const NORWAY = [[57.8, 4.0], [71.4, 31.6]];

const showMap = (place) => {
  if (!window.L || place.dataset.ready) return;
  place.dataset.ready = "yes";
  const { counties, outline, outlineAttribution, tiles, tilesAttribution, words } = JSON.parse(
    document.getElementById(place.dataset.map).textContent,
  );
  for (const part of document.querySelectorAll("[data-map-only]")) part.hidden = false;
  place.hidden = false;
  place.setAttribute("role", "application");
  place.setAttribute("aria-label", words.map);
  place.setAttribute("aria-describedby", "map-help");

  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(place, { zoomControl: false, minZoom: 3, maxZoom: 11, zoomSnap: 0.5, zoomAnimation: !calm, fadeAnimation: !calm });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  if (tiles) L.tileLayer(tiles, { attribution: tilesAttribution }).addTo(map);
  fetch(outline)
    .then((answer) => answer.json())
    .then((shapes) =>
      L.geoJSON(shapes, {
        interactive: false,
        attribution: outlineAttribution,
        style: { className: tiles ? "p-map__county p-map__county--line" : "p-map__county" },
      }).addTo(map),
    )
    .catch(() => {}); // markers and list do without

  // Counties and municipalities in one shape: {name, label, count, at, places}.
  const spots = counties.flatMap((county) => county.places).map((spot) => ({ ...spot, places: [spot] }));
  const regions = counties.map((county) => {
    const middle = (n) => county.places.reduce((sum, spot) => sum + spot.at[n] * spot.count, 0) / county.count;
    return { ...county, at: [middle(0), middle(1)] };
  });
  const around = (places) => L.latLngBounds(places.map((spot) => spot.at));

  const panel = document.getElementById("place-offers");
  panel.addEventListener("htmx:afterSettle", () => panel.querySelector("[data-place-heading]")?.focus());
  const open = (spot) => {
    if (window.htmx) htmx.ajax("GET", location.pathname + spot.url, { target: panel, swap: "innerHTML" });
    else location.assign(spot.url);
  };
  const enter = (places) => {
    const bounds = around(places);
    const zoom = Math.max(Math.floor(map.getZoom()) + 1, NEAR, map.getBoundsZoom(bounds.pad(0.2)));
    map.setView(bounds.getCenter(), Math.min(zoom, map.getMaxZoom()), { animate: !calm });
  };

  // The largest first; whatever would cover one of them goes into it.
  const apart = (items) => {
    const groups = [];
    for (const item of [...items].sort((one, other) => other.count - one.count)) {
      const point = map.latLngToLayerPoint(item.at);
      const group = groups.find((other) => other.point.distanceTo(point) < APART);
      if (group) group.items.push(item);
      else groups.push({ point, items: [item] });
    }
    return groups.map(({ items: [first, ...rest] }) => {
      if (!rest.length) return first;
      const all = [first, ...rest];
      const count = all.reduce((sum, item) => sum + item.count, 0);
      const names = all.slice(0, 3).map((item) => item.name).join(", ") + (all.length > 3 ? " …" : "");
      const label = words.several.replace("{places}", names).replace("{count}", count);
      return { label, count, at: first.at, places: all.flatMap((item) => item.places) };
    });
  };

  const layer = L.layerGroup().addTo(map);
  const buttons = new Map();

  const put = (at, label, count, run) => {
    const size = count < 10 ? 30 : count < 100 ? 36 : 42;
    const icon = L.divIcon({ className: "p-map__spot", html: String(count), iconSize: [size, size] });
    const marker = L.marker(at, { icon, keyboard: true, title: label, riseOnHover: true }).addTo(layer);
    const button = marker.getElement();
    button.setAttribute("aria-label", label);
    marker.on("click", run);
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      run();
    });
    buttons.set(label, button);
  };

  const draw = () => {
    const focused = [...buttons].find(([, button]) => button === document.activeElement)?.[0];
    layer.clearLayers();
    buttons.clear();
    const seen = map.getBounds().pad(0.2);
    const items = (map.getZoom() < NEAR ? regions : spots).filter((item) => seen.contains(item.at));
    for (const { at, label, count, places } of apart(items)) {
      put(at, label, count, () => (places.length > 1 ? enter(places) : open(places[0])));
    }
    // A button that has fallen into its places hands the focus to the first of them.
    if (focused) (buttons.get(focused) ?? buttons.values().next().value)?.focus();
  };

  map.fitBounds(spots.length ? around(spots).pad(0.15) : NORWAY, { maxZoom: 8, animate: false });
  map.on("moveend", draw);
  draw();
};

const showMaps = (root) => root.querySelectorAll("[data-map]").forEach(showMap);
document.addEventListener("DOMContentLoaded", () => showMaps(document));
document.addEventListener("htmx:load", (event) => showMaps(event.detail.elt.parentElement ?? document));
