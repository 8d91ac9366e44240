package config

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

func TestWithErrorPages(t *testing.T) {
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
		"not to be carried":       {map[string]string{"503.html": "a\x00b"}, "", "503.html: the page contains a NUL byte"},
		"large":                   {map[string]string{"503.html": strings.Repeat("x", maxPage+1)}, "", "503.html: the page is larger than 1 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, minimal+"error_pages_path: public\n")
			full, err := c.All().WithErrorPages("/project", func(name string) ([]byte, error) {
				text, found := tt.files[strings.TrimPrefix(name, "/project/public/")]
				if found {
					return []byte(text), nil
				}
				if name == "/project/public" && tt.files != nil {
					return nil, fs.ErrInvalid // it is a folder
				}
				return nil, fs.ErrNotExist
			})
			if tt.err == "" && (err != nil || fmt.Sprint(full.Project.ErrorPages.Pages) != tt.pages || c.ErrorPages.Pages != nil) {
				t.Errorf("the pages are %v of %v, error %v", full, c.ErrorPages.Pages, err)
			}
			if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err) || !strings.HasPrefix(err.Error(), "deploy.yml:5:19: error_pages_path: ")) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := load(t, minimal).All().WithErrorPages("", nil); err != nil {
		t.Errorf("without the key: %v", err)
	}
}
