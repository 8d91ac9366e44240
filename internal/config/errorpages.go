package config

import (
	"errors"
	"io/fs"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"

	"mrsk/internal/traefik/page"
	"mrsk/internal/yamltree"
)

// maxPage is far over what a page needs that loads its pictures from elsewhere.
const maxPage = 1 << 20

func readErrorPagesPath(v value, d *draft) {
	if path, ok := v.word(); ok {
		d.ErrorPages.Path, d.ErrorPages.Pos = path, v.Pos
	}
}

// pageStatuses are those that the proxy itself answers with.
var pageStatuses = []int{
	http.StatusRequestEntityTooLarge, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// ReadErrorPages fills in the pages that the proxy shows, out of files below dir. A page that
// could not be shown is a problem of the configuration.
func (p *Project) ReadErrorPages(dir string, read func(name string) ([]byte, error)) error {
	if p.ErrorPages.Path == "" {
		return nil
	}
	folder := p.ErrorPages.Path
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(dir, folder)
	}
	if _, err := read(folder); err == nil || errors.Is(err, fs.ErrNotExist) {
		return Problems{p.pageProblem("there is no folder " + p.ErrorPages.Path)}
	}
	var problems Problems
	p.ErrorPages.Pages = map[int]string{}
	for _, status := range pageStatuses {
		name := strconv.Itoa(status) + ".html"
		text, err := read(filepath.Join(folder, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = checkPage(string(text))
		}
		if err != nil {
			problems = append(problems, p.pageProblem(name+": "+err.Error()))
		}
		p.ErrorPages.Pages[status] = string(text)
	}
	return problems.Err()
}

func checkPage(text string) error {
	switch {
	case len(text) > maxPage:
		return errors.New("a page is at most 1 MB large")
	case strings.ContainsRune(text, 0):
		return errors.New("it holds a NUL byte")
	}
	_, err := page.Render(text, "")
	return err
}

func (p *Project) pageProblem(text string) yamltree.Problem {
	return yamltree.Problem{Pos: p.ErrorPages.Pos, Path: "error_pages_path", Text: text}
}
