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

// maxPage is the maximum size of an error page in bytes. Pages usually have some kilobytes.
const maxPage = 1 << 20

func readErrorPagesPath(v value, d *draft) {
	if path, ok := v.word(); ok {
		d.ErrorPages.Path, d.ErrorPages.Pos = path, v.Pos
	}
}

// pageStatuses are the statuses of answers that the proxy itself gives.
var pageStatuses = []int{
	http.StatusRequestEntityTooLarge, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// WithErrorPages returns s with the error pages of the proxy, which it reads from error_pages_path below
// dir. The error is Problems with all pages that cannot be used.
func (s *Scope) WithErrorPages(dir string, read func(name string) ([]byte, error)) (*Scope, error) {
	pages, err := s.Project.ErrorPages.read(dir, read)
	if err != nil {
		return nil, err
	}
	full, project := *s, *s.Project
	full.Project, project.ErrorPages.Pages = &project, pages
	return &full, nil
}

func (e ErrorPages) read(dir string, read func(name string) ([]byte, error)) (map[int]string, error) {
	if e.Path == "" {
		return nil, nil
	}
	folder := e.Path
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(dir, folder)
	}
	if _, err := read(folder); err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil, Problems{e.problem("there is no folder " + e.Path)}
	}
	var problems Problems
	pages := map[int]string{}
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
			problems = append(problems, e.problem(name+": "+err.Error()))
		}
		pages[status] = string(text)
	}
	return pages, problems.Err()
}

func checkPage(text string) error {
	switch {
	case len(text) > maxPage:
		return errors.New("the page is larger than 1 MB")
	case strings.ContainsRune(text, 0):
		return errors.New("the page contains a NUL byte")
	}
	_, err := page.Render(text, "")
	return err
}

func (e ErrorPages) problem(text string) yamltree.Problem {
	return yamltree.Problem{Pos: e.Pos, Path: "error_pages_path", Text: text}
}
