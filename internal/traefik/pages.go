package traefik

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// Files returns the steps that copy the certificate and the error pages into the proxy's volume.
func (r Route) Files(h facts.Host) []plan.Step {
	return append(r.Certificate(), r.Pages(h)...)
}

// page returns the name of the file with the app's error page for a status, or "" without one. The name
// depends on the content. So the undo of the route also restores the former page.
func (r Route) page(status int) string {
	text := r.ErrorPages.Pages[status]
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return "pages/" + r.base() + separator + hex.EncodeToString(sum[:6]) + ".html"
}

// pages returns the texts of the route's error pages by file name.
func (r Route) pages() map[string]string {
	texts := map[string]string{}
	for _, status := range append(r.failures(), unavailable) {
		if file := r.page(status); file != "" {
			texts[file] = r.ErrorPages.Pages[status]
		}
	}
	return texts
}

// Pages returns the step that copies the error pages that the current route on the host does not have.
func (r Route) Pages(h facts.Host) []plan.Step {
	texts, there := r.pages(), r.pagesOn(h)
	var put shell.Line
	for _, file := range slices.Sorted(maps.Keys(texts)) {
		if !slices.Contains(there, file) {
			put = put.And(shell.Cmd("printf", "%s", texts[file]).Pipe(inside(intoProxy, insideStore, file)))
		}
	}
	if put.Empty() {
		return nil
	}
	return []plan.Step{{
		Name:  "copy the pages of " + r.String(),
		Cause: "error_pages_path has them",
		Run:   put,
		Role:  r.role, Captured: true,
	}}
}

// pagesOn returns the page files that the route on the host names, sorted.
func (r Route) pagesOn(h facts.Host) []string {
	content, _ := h.Route(r.File())
	f, _ := decode(content) // a file that mrsk did not write has no known pages
	var files []string
	for _, m := range f.HTTP.Middlewares {
		if m.Plugin != nil && m.Plugin.Page != nil && m.Plugin.Page.File != "" {
			files = append(files, strings.TrimPrefix(m.Plugin.Page.File, "/mrsk/"))
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// Sweep returns the step that removes pages of earlier versions. It must run after the commit, when no
// undo needs them.
func (r Route) Sweep(h facts.Host) []plan.Step {
	wanted := slices.Sorted(maps.Keys(r.pages()))
	stale := func(file string) bool { return !slices.Contains(wanted, file) }
	if !slices.ContainsFunc(r.pagesOn(h), stale) {
		return nil
	}
	return []plan.Step{{
		Name:  "remove earlier pages of " + r.String(),
		Cause: "they were those of earlier versions",
		Run:   inside(inProxy, insideSweep, r.pagePattern()).Lits(wanted...),
		Role:  r.role, BestEffort: true, Captured: true,
	}}
}

// pagePattern matches all pages of the owner.
func (o Owner) pagePattern() string { return "pages/" + o.object("????????????.html") }

// pageMiddleware returns the middleware that stores the name of the maintenance page in a route file.
// A later maintenance then shows the page of the deployed version and not of the checkout.
func pageMiddleware(file string) middleware {
	return middleware{Plugin: &plugin{Page: &page{File: file}}}
}

// pageFile returns the file of the maintenance page that a route names, or "".
func (o Owner) pageFile(f file) string {
	if m := f.HTTP.Middlewares[o.object("page")]; m.Plugin != nil && m.Plugin.Page != nil {
		return m.Plugin.Page.File
	}
	return ""
}

// failures returns the statuses for which the app has an error page, except 503, which is the maintenance
// page. 413 counts only if the proxy limits the size of requests.
func (r Route) failures() []int {
	var out []int
	for _, status := range slices.Sorted(maps.Keys(r.ErrorPages.Pages)) {
		unlimited := status == tooLarge && r.Proxy.Buffering == nil
		if status != unavailable && r.page(status) != "" && !unlimited {
			out = append(out, status)
		}
	}
	return out
}

// addPages adds the error pages to a route. Traefik's middleware replaces an answer by its status, no
// matter whether the app or the proxy gave it, and fetches the page from a service: here the proxy itself,
// on its loopback. Answers of an API must not change. So each public router gets a second one, with a
// higher priority, for requests that accept HTML, and only that one has the middleware.
func (r Route) addPages(f file) {
	statuses := r.failures()
	if len(statuses) == 0 {
		return
	}
	for name, plain := range maps.Clone(f.HTTP.Routers) {
		if slices.Contains(plain.Middlewares, r.object("redirect")) {
			continue
		}
		browsers := plain
		browsers.Rule += " && HeaderRegexp(`Accept`, `text/html`)"
		browsers.Priority++
		browsers.Middlewares = append([]string{r.object("failures")}, plain.Middlewares...)
		f.HTTP.Routers[name+"-html"] = browsers
	}
	names := r.serve(f, statuses)
	pages := r.base() + "-pages" // after the separator, the name would count as a container, see open
	f.HTTP.Middlewares[r.object("failures")] = middleware{Errors: &failures{names, pages, r.pagePath("{status}")}}
	f.HTTP.Services[pages] = service{LoadBalancer: loadBalancer{Servers: []upstream{{URL: "http://127.0.0.1:8080"}}}}
}

// serve adds routers by which the proxy itself answers with the page of each status.
func (r Route) serve(f file, statuses []int) (names []string) {
	for _, status := range statuses {
		name := strconv.Itoa(status)
		names = append(names, name)
		f.HTTP.Middlewares[r.object(name)] = middleware{Plugin: &plugin{Page: &page{Status: status, File: "/mrsk/" + r.page(status)}}}
		f.HTTP.Routers[r.object(name)] = router{
			EntryPoints: []string{loopback}, Rule: fmt.Sprintf("Path(`%s`)", r.pagePath(name)), Priority: 1,
			Service: noop, Middlewares: []string{r.object(name)},
		}
	}
	return names
}

func (r Route) pagePath(status string) string {
	return "/" + r.base() + "/" + status
}
