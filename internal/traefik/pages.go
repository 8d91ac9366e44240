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

// Files brings what the route stands on into the proxy's volume.
func (r Route) Files(h facts.Host) []plan.Step {
	return append(r.Certificate(), r.Pages(h)...)
}

// page is the name of the file with the app's own page for a status, "" without one. As that of a
// certificate it changes with the content, and takes part in the undo of the route.
func (r Route) page(status int) string {
	text := r.ErrorPages.Pages[status]
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return "pages/" + r.base() + separator + hex.EncodeToString(sum[:6]) + ".html"
}

// pages are the texts of the route's pages by their file.
func (r Route) pages() map[string]string {
	texts := map[string]string{}
	for _, status := range append(r.failures(), unavailable) {
		if file := r.page(status); file != "" {
			texts[file] = r.ErrorPages.Pages[status]
		}
	}
	return texts
}

// Pages brings the app's own pages, but for those that the route which is there has already.
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

// pagesOn are the files that the route on the host names, sorted.
func (r Route) pagesOn(h facts.Host) []string {
	content, _ := h.Route(r.File())
	f, _ := decode(content) // of a file of other hands nothing is known
	var files []string
	for _, m := range f.HTTP.Middlewares {
		if m.Plugin != nil && m.Plugin.Page != nil && m.Plugin.Page.File != "" {
			files = append(files, strings.TrimPrefix(m.Plugin.Page.File, "/mrsk/"))
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// Sweep removes the pages of earlier versions, once no undo can need them any more.
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

// pageMiddleware names the page of a maintenance in a route file before there is one: it is that of
// the version which serves, whatever lies in the checkout by then.
func pageMiddleware(file string) middleware {
	return middleware{Plugin: &plugin{Page: &page{File: file}}}
}

// pageFile is the page of a maintenance that a route names, "" where it names none.
func (o Owner) pageFile(f file) string {
	if m := f.HTTP.Middlewares[o.object("page")]; m.Plugin != nil && m.Plugin.Page != nil {
		return m.Plugin.Page.File
	}
	return ""
}

// failures are the statuses of the proxy's own that the app has a page for, but that of a
// maintenance. 413 is one only where the proxy limits what a client sends.
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

// addPages makes the proxy show the pages of its failures. It can put a page in the place of a
// status, whoever answered with it, and asks a service for the page: itself, at the entry point on
// its own loopback. So that an API keeps its own answers, browsers alone are shown pages: each
// public router has a second one before it for requests that accept HTML.
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
	pages := r.base() + "-pages" // a name behind the separator is that of a container
	f.HTTP.Middlewares[r.object("failures")] = middleware{Errors: &failures{names, pages, r.pagePath("{status}")}}
	f.HTTP.Services[pages] = service{LoadBalancer: loadBalancer{Servers: []upstream{{URL: "http://127.0.0.1:8080"}}}}
}

// serve makes the proxy answer itself with the page of each status.
func (r Route) serve(f file, statuses []int) (names []string) {
	for _, status := range statuses {
		name := strconv.Itoa(status)
		names = append(names, name)
		f.HTTP.Middlewares[r.object(name)] = middleware{Plugin: &plugin{Page: &page{Status: status, File: "/mrsk/" + r.page(status)}}}
		f.HTTP.Routers[r.object(name)] = router{
			EntryPoints: []string{loopback}, Rule: fmt.Sprintf("Path(`%s`)", r.pagePath(name)), Priority: 1,
			Service: nowhere, Middlewares: []string{r.object(name)},
		}
	}
	return names
}

func (r Route) pagePath(status string) string {
	return "/" + r.base() + "/" + status
}
