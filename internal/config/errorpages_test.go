package config

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

func TestReadErrorPages(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		files map[string]string
		pages string
		err   string
	}{
		"a page":                  {map[string]string{"503.html": "<p>{{ .Message }}"}, "map[503:<p>{{ .Message }}]", ""},
		"pages of failures":       {map[string]string{"502.html": "down", "504.html": "slow", "413.html": "much"}, "map[413:much 502:down 504:slow]", ""},
		"pages of other statuses": {map[string]string{"404.html": "gone"}, "map[]", ""},
		"no folder":               {nil, "map[]", "there is no folder public"},
		"no template":             {map[string]string{"503.html": "{{ .Message"}, "", "503.html: template: page:1: unclosed action"},
		"no field of ours":        {map[string]string{"503.html": "{{ .Message.Text }}"}, "", "can't evaluate field Text"},
		"not to be carried":       {map[string]string{"503.html": "a\x00b"}, "", "503.html: it holds a NUL byte"},
		"large":                   {map[string]string{"503.html": strings.Repeat("x", maxPage+1)}, "", "503.html: a page is at most 1 MB large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, minimal+"error_pages_path: public\n")
			err := c.ReadErrorPages("/project", func(name string) ([]byte, error) {
				text, found := tt.files[strings.TrimPrefix(name, "/project/public/")]
				if found {
					return []byte(text), nil
				}
				if name == "/project/public" && tt.files != nil {
					return nil, fs.ErrInvalid // it is a folder
				}
				return nil, fs.ErrNotExist
			})
			if pages := fmt.Sprint(c.ErrorPages.Pages); tt.err == "" && pages != tt.pages {
				t.Errorf("the pages are %s", pages)
			}
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err) || !strings.HasPrefix(err.Error(), "deploy.yml:5:19: error_pages_path: ")) {
				t.Errorf("got %v", err)
			}
		})
	}
	c := load(t, minimal)
	if err := c.ReadErrorPages("", nil); err != nil {
		t.Errorf("without the key: %v", err)
	}
}
