package config

import (
	"errors"
	"io/fs"
	"path/filepath"
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

// ReadErrorPages fills in the pages that the proxy shows, out of files below dir. A page that
// could not be shown is a problem of the configuration.
func (c *Config) ReadErrorPages(dir string, read func(name string) ([]byte, error)) error {
	if c.ErrorPages.Path == "" {
		return nil
	}
	folder := c.ErrorPages.Path
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(dir, folder)
	}
	text, err := read(filepath.Join(folder, "503.html"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := read(folder); errors.Is(err, fs.ErrNotExist) {
			return c.pageProblem("there is no folder " + c.ErrorPages.Path)
		}
		return nil
	}
	if err == nil {
		err = checkPage(string(text))
	}
	if err != nil {
		return c.pageProblem("503.html: " + err.Error())
	}
	c.ErrorPages.Unavailable = string(text)
	return nil
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

func (c *Config) pageProblem(text string) error {
	return Problems{yamltree.Problem{Pos: c.ErrorPages.Pos, Path: "error_pages_path", Text: text}}
}
