package traefik

import (
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

func TestClash_is_the_same_route_of_another_app(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		mine, theirs string
		clash        bool
	}{
		"both for every name":        {"{}", "{}", true},
		"the same name":              {"{host: a.example.com}", "{host: a.example.com}", true},
		"the same, one with TLS":     {"{host: a.example.com}", "{host: a.example.com, ssl: true}", true},
		"other names":                {"{host: a.example.com}", "{host: b.example.com}", false},
		"one for every name":         {"{host: a.example.com}", "{}", false},
		"another prefix":             {"{host: a.example.com}", "{host: a.example.com, path_prefix: /api}", false},
		"a prefix in common":         {"{path_prefixes: [/api, /v1]}", "{path_prefixes: [/v2, /api]}", true},
		"the wildcard and one of it": {`{host: "*.example.com"}`, "{host: a.example.com}", false},
		"one name of several":        {"{hosts: [a.example.com, b.example.com]}", "{host: b.example.com}", true},
		"in another order":           {"{hosts: [a.example.com, b.example.com]}", "{hosts: [b.example.com, a.example.com]}", true},
		"a wildcard beside a name":   {`{hosts: [x.com, "*.example.com"]}`, `{host: "*.example.com"}`, true},
		"wildcards in each other":    {`{host: "*.example.com"}`, `{host: "*.a.example.com"}`, false},
		"a prefix of several":        {"{hosts: [a.com, b.com], path_prefixes: [/x, /y]}", "{hosts: [b.com, c.com], path_prefixes: [/y/, /z]}", true},
		"a name and another prefix":  {"{hosts: [a.com, b.com], path_prefix: /x}", "{hosts: [b.com, c.com], path_prefix: /z}", false},
		"longer prefixes":            {"{path_prefix: /api}", "{path_prefix: /api/v1}", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mine, theirs := shop(t, tt.mine), app(t, "store", "", tt.theirs)
			h := facts.Host{Routes: []facts.Route{
				{File: mine.File(), Content: mine.Content()},
				{File: "broken.yml", Content: "broken"},
				{File: theirs.File(), Content: theirs.Content()},
			}}
			want := ""
			if tt.clash {
				want = "store.web.yml"
			}
			if got := mine.Clash(h); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// Another version of mrsk, or a person, may have written the file in another way.
func TestClash_with_a_route_file_of_other_hands(t *testing.T) {
	t.Parallel()
	mine := shop(t, `{hosts: [a.com, "*.b.com"], path_prefix: /api, ssl: {certificate_pem: CERT, private_key_pem: KEY}}`)
	rule := func(rule string) string {
		return "http:\n  routers:\n    x: {rule: '" + rule + "', service: y}\n"
	}
	for name, tt := range map[string]struct {
		content string
		common  string
	}{
		"with a field of a later version": {strings.NewReplacer("shop.web.", "x.", `"rule"`, `"later": {"x": [1]}, "rule"`).Replace(mine.Content()), "a.com/api, *.b.com/api"},
		"YAML":                            {rule("Host(`A.com`) && PathPrefix(`/api`)"), "a.com/api"},
		"a list, as Traefik 2 has it":     {rule("Host(`x.com`, `a.com`) && PathPrefix(`/api/`)"), "a.com/api"},
		"in quotes":                       {rule(`PathPrefix("/api") && Host("a.com")`), "a.com/api"},
		"a wildcard":                      {rule("HostRegexp(`^[^.]+\\.b\\.com$`) && PathPrefix(`/api`)"), "*.b.com/api"},
		"other names":                     {rule("HostRegexp(`^b\\.com$`) && PathPrefix(`/api`)"), ""},
		"the whole path":                  {rule("Host(`a.com`)"), ""},
		"one path":                        {rule("Host(`a.com`) && Path(`/api`)"), ""},
		"some methods":                    {rule("Host(`a.com`) && PathPrefix(`/api`) && Method(`POST`)"), ""},
		"all but that name":               {rule("!Host(`a.com`) && PathPrefix(`/api`)"), ""},
		"with a priority":                 {rule("Host(`a.com`) && PathPrefix(`/api`)', priority: 7, x: '"), ""},
		"inside the proxy":                {rule("Host(`a.com`) && PathPrefix(`/api`)', entryPoints: [traefik], x: '"), ""},
		"HTTPS alone":                     {rule("Host(`a.com`) && PathPrefix(`/api`)', entryPoints: [https], x: '"), "a.com/api"},
		"no rule":                         {"http: {routers: {x: {service: y}, z: }}\n", ""},
		"no routers":                      {"tcp: {}\n", ""},
		"nothing that can be read":        {"http: {{ nonsense }}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := facts.Host{Routes: []facts.Route{{File: "x.yml", Content: tt.content}}}
			if got := strings.Join(mine.Common(h, "x.yml"), ", "); got != tt.common {
				t.Errorf("got %q, want %q", got, tt.common)
			}
			if got := mine.Clash(h); (got != "") != (tt.common != "") {
				t.Errorf("clashes with %q", got)
			}
		})
	}
}

func TestClash_leaves_out_what_the_run_changes_and_what_is_the_proxys_own(t *testing.T) {
	t.Parallel()
	mine, other := shop(t, "{}"), app(t, "shop", "", "{}")
	other.role = "api"
	h := facts.Host{Routes: []facts.Route{
		{File: commonFile, Content: commonRoutes(config.ProxyRun{})},
		{File: mine.File(), Content: mine.Content()},
		{File: other.File(), Content: other.Content()},
	}}
	if got := mine.Clash(h); got != "shop.api.yml" {
		t.Errorf("got %q", got)
	}
	if got := mine.Clash(h, other.File()); got != "" {
		t.Errorf("got %q", got)
	}
}

// A name wins against a wildcard, whichever names stand beside the two.
func TestRoute_ranks_a_name_before_every_wildcard(t *testing.T) {
	t.Parallel()
	mixed := shop(t, `{hosts: [a.com, "*.b.com"], path_prefixes: [/x, /y], ssl: {certificate_pem: CERT, private_key_pem: KEY}}`).file()
	wild := app(t, "store", "", `{host: "*.com", path_prefix: /x}`).file().HTTP.Routers["store.web.http0"]
	name := app(t, "store", "", "{host: c.b.com, path_prefix: /x}").file().HTTP.Routers["store.web.http0"]
	for i, entry := range []string{"http", "https"} {
		exact, below := mixed.HTTP.Routers["shop.web."+entry+"0"], mixed.HTTP.Routers["shop.web."+entry+"-wild0"]
		if exact.Priority <= wild.Priority || below.Priority != wild.Priority || name.Priority <= below.Priority {
			t.Errorf("%s: %d and %d beside %d and %d", entry, exact.Priority, below.Priority, wild.Priority, name.Priority)
		}
		if strings.Contains(exact.Rule, "Regexp") || strings.Contains(below.Rule, "Host(") {
			t.Errorf("%s: %s and %s", entry, exact.Rule, below.Rule)
		}
		if i == 0 && len(mixed.HTTP.Routers) != 8 {
			t.Errorf("%d routers", len(mixed.HTTP.Routers))
		}
	}
}
