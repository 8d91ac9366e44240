package traefik

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"text/template"

	"mvdan.cc/sh/v3/syntax"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/plan"
	"mrsk/internal/redact"
	"mrsk/internal/shell"
)

// shop is an app of one role with these settings of its proxy.
func shop(t *testing.T, proxy string) Route {
	t.Helper()
	return app(t, "shop", "", proxy)
}

func app(t *testing.T, service, destination, proxy string) Route {
	t.Helper()
	text := "service: " + service + "\nimage: acme/shop\nservers: [vm1]\nproxy: " + proxy + "\n"
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	c.Destination = destination
	values := config.NewSecrets(map[string]redact.String{"CERT": redact.New("the CERT"), "KEY": redact.New("the KEY")})
	return ForRole(c, c.Roles[0], "m-0123456789ab").With(values)
}

func TestRoute_content(t *testing.T) {
	t.Parallel()
	for name, proxy := range map[string]string{
		"no-host":         "{}",
		"hosts":           "{hosts: [a.example.com, b.example.com], app_port: 3000, response_timeout: 0}",
		"wildcard":        `{host: "*.example.com"}`,
		"prefixes":        "{host: a.example.com, path_prefixes: [/api, /v2/api]}",
		"prefix-kept":     "{path_prefix: /api, strip_path_prefix: false}",
		"ssl":             "{host: a.example.com, ssl: true}",
		"ssl-custom":      "{host: a.example.com, ssl: {certificate_pem: CERT, private_key_pem: KEY}}",
		"ssl-no-redirect": "{host: a.example.com, ssl: true, ssl_redirect: false}",
		"ssl-prefixes":    "{host: a.example.com, ssl: true, path_prefixes: [/api, /v2]}",
		"forwarded":       "{host: a.example.com, ssl: true, forward_headers: true}",
		"not-forwarded":   "{host: a.example.com, forward_headers: false}",
		"ssl-wildcard":    "{hosts: [a.example.com, '*.example.com'], ssl: true, run: {acme: {dns: route53}}}",
		"buffered":        "{path_prefix: /api, buffering: {memory: 4096, max_request_body: 3000, max_response_body: 2000}}",
		"networks":        "{forward_headers: [192.0.2.0/24, 2001:db8::1]}",
		"logged":          "{logging: {request_headers: [X-Id], response_headers: [X-Runtime]}}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := shop(t, proxy)
			golden.Equal(t, "testdata/routes/"+name+".golden", r.Content()+"\n")
			if _, err := decode(r.Content()); err != nil {
				t.Errorf("our own file looks broken: %v", err)
			}
			h := facts.Host{Routes: []facts.Route{{File: r.File(), Content: r.Content()}}}
			if got := r.Serving(h); got != r.Alias {
				t.Errorf("it serves %q", got)
			}
			if !json.Valid([]byte(r.Content())) || strings.Contains(r.Content(), "the KEY") {
				t.Errorf("got %s", r.Content())
			}
		})
	}
}

// Whoever asks for /apiary does not mean /api, and what is taken off a path is the prefix that led
// there, not one that it begins with besides.
func TestPrefixes_end_at_a_slash(t *testing.T) {
	t.Parallel()
	f := shop(t, "{host: a.example.com, path_prefixes: [/api, /api/v2, /]}").file()
	for i, want := range []struct {
		rule  string
		strip []string
	}{
		{"(Host(`a.example.com`)) && (Path(`/api`) || PathPrefix(`/api/`))", []string{"/api"}},
		{"(Host(`a.example.com`)) && (Path(`/api/v2`) || PathPrefix(`/api/v2/`))", []string{"/api/v2"}},
		{"(Host(`a.example.com`))", nil},
	} {
		r := f.HTTP.Routers[fmt.Sprintf("shop.web.http%d", i)]
		var strip []string
		for _, name := range r.Middlewares {
			if s := f.HTTP.Middlewares[name].StripPrefix; s != nil {
				strip = append(strip, s.Prefixes...)
			}
		}
		if r.Rule != want.rule || !slices.Equal(strip, want.strip) {
			t.Errorf("got %s, without %q; want %s, without %q", r.Rule, strip, want.rule, want.strip)
		}
	}
}

func TestPriority_ranks_an_exact_name_before_a_wildcard_before_none(t *testing.T) {
	t.Parallel()
	// From the first that is asked to the last.
	order := []struct {
		hosts  []string
		prefix string
	}{
		{[]string{"a.example.com"}, "/api/v2"},
		{[]string{"a.example.com", "b.example.com", "c.example.com"}, "/api"},
		{[]string{"a.example.com"}, "/"},
		{[]string{"*.example.com"}, "/a/very/long/prefix/that/is/longer/than/any/name"},
		{[]string{"a.example.com", "*.example.com"}, "/"},
		{nil, "/api"},
		{nil, "/"},
	}
	last := 1 << 30
	for _, o := range order {
		p := priority(o.hosts, o.prefix)
		if p >= last {
			t.Errorf("%v%s has priority %d, which is not below %d", o.hosts, o.prefix, p, last)
		}
		last = p
	}
	if last <= 0 {
		t.Errorf("the last has priority %d, and the catch-all -1", last)
	}
}

// The proxy reads its files as templates: {{ env "…" }} would print its environment.
func TestContent_is_no_template(t *testing.T) {
	t.Parallel()
	r := shop(t, "{}")
	proxy := *r.Proxy
	proxy.PathPrefixes = []string{`/{{ env "HOME" }}`, "/{{{ x }}}"}
	r.Proxy = &proxy
	content := r.Content()
	parsed, err := template.New("").Parse(content)
	if err != nil {
		t.Fatalf("%v in %s", err, content)
	}
	var out strings.Builder
	if err := parsed.Execute(&out, nil); err != nil || out.String() != content {
		t.Errorf("as a template it says %s, %v", out.String(), err)
	}
	f, err := decode(content)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range proxy.PathPrefixes {
		if got := f.HTTP.Middlewares[fmt.Sprintf("shop.web.strip%d", i)].StripPrefix; got == nil || got.Prefixes[0] != want {
			t.Errorf("the prefix %s became %v", want, got)
		}
	}
}

func TestTroubles_are_files_of_another_form(t *testing.T) {
	t.Parallel()
	own := shop(t, "{ssl: true, host: a.example.com}").Content()
	for name, tt := range map[string]struct {
		content string
		fine    bool
	}{
		"our own":        {own, true},
		"the catch-all":  {commonRoutes(config.ProxyRun{}), true},
		"empty":          {"", false},
		"YAML":           {"http:\n  routers: {}\n", false},
		"cut off":        {own[:len(own)/2], false},
		"unknown field":  {`{"http": {"routers": {"a": {"rule": "x", "colour": "red"}}}}`, false},
		"unknown part":   {`{"tcp": {}}`, false},
		"another type":   {`{"http": {"routers": {"a": {"priority": "high"}}}}`, false},
		"more behind it": {own + "\n" + `{"http": {}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := Troubles(facts.Host{Routes: []facts.Route{{File: "x.yml", Content: tt.content}}})
			if (len(found) == 0) != tt.fine {
				t.Errorf("found %v", found)
			}
		})
	}
}

func TestFile_names_never_meet(t *testing.T) {
	t.Parallel()
	plain, staging := shop(t, "{}"), app(t, "shop", "staging", "{}")
	dashed := app(t, "shop-web", "", "{}")
	names := []string{
		plain.File(), OfRole(&config.Project{Service: "shop"}, "web-staging").File(), staging.File(), dashed.File(), OfRole(&config.Project{Service: "shop-web"}, "staging").File(),
	}
	want := []string{"shop.web.yml", "shop.web-staging.yml", "shop.web.staging.yml", "shop-web.web.yml", "shop-web.staging.yml"}
	for i := range names {
		if names[i] != want[i] {
			t.Errorf("got %s, want %s", names[i], want[i])
		}
	}
	if got := staging.Service(); got != "shop.web.staging.m-0123456789ab" {
		t.Errorf("service %s", got)
	}
	// The route of the destination is not taken for one of the app without it, though the one
	// name is the beginning of the other.
	h := facts.Host{Routes: []facts.Route{{File: staging.File(), Content: staging.Content()}}}
	if got := plain.Serving(h); got != "" {
		t.Errorf("the app without a destination is served by %q", got)
	}
}

func TestRead_parts_routes_from_what_the_image_lacks(t *testing.T) {
	t.Parallel()
	out := map[string]string{seeRoutes: "nc sleep \x1ea.yml\x1f{\"a\":1}\n\x1eb.yml\x1f"}
	h := facts.Host{Seen: []docker.Seen{
		{ID: "o", Name: "/other"},
		{ID: "p", Name: "/" + Container, State: "running", Reference: "traefik:v3.7", Labels: map[string]string{docker.LabelConfig: "c", docker.LabelPlugins: "client"}, Joined: true},
	}}
	_ = Read(func(step string) []byte { return []byte(out[step]) }, &h)
	if want := (facts.Proxy{ID: "p", State: "running", Image: "traefik:v3.7", Config: "c", Client: true, Lacks: []string{"nc", "sleep"}}); !reflect.DeepEqual(h.Proxy, want) {
		t.Errorf("got %+v, want %+v", h.Proxy, want)
	}
	if !h.Network {
		t.Error("the network that the proxy is on is not seen")
	}
	if len(h.Routes) != 2 || h.Routes[0] != (facts.Route{File: "a.yml", Content: `{"a":1}`}) || h.Routes[1].File != "b.yml" {
		t.Errorf("routes %+v", h.Routes)
	}
	for state, there := range map[string]bool{"running": true, "exited": false, "restarting": false} {
		h := facts.Host{Seen: []docker.Seen{{ID: "w", Name: "/shop-web", State: state, Joined: true}}}
		if _ = Read(func(string) []byte { return nil }, &h); h.Network != there {
			t.Errorf("a container on the network that is %s: seen is %v", state, h.Network)
		}
	}
	var none facts.Host
	if _ = Reader("traefik:v3")(func(string) []byte { return nil }, &none); none.Proxy.Helper != "traefik:v3" {
		t.Errorf("what reaches the files without a proxy is %q", none.Proxy.Helper)
	}
	if _ = Read(func(string) []byte { return nil }, &none); none.Network || none.Proxy.ID != "" || none.Routes != nil {
		t.Errorf("nothing became %+v", none)
	}
}

func TestRun_of_the_proxy(t *testing.T) {
	t.Parallel()
	base := config.ProxyRun{Image: config.DefaultProxyImage, HTTPPort: 80, HTTPSPort: 443, Publish: true, LogSize: "10m"}
	with := func(change func(*config.ProxyRun)) config.ProxyRun {
		run := base
		change(&run)
		return run
	}
	secrets := config.NewSecrets(map[string]redact.String{"TOKEN": redact.New("t0ken"), "CA": redact.New("-----BEGIN\nCERTIFICATE-----\n")})
	hash := func(run config.ProxyRun) string { return settings(run, secrets).hash() }
	var out strings.Builder
	seen := map[string]bool{}
	for _, entry := range []struct {
		name string
		run  config.ProxyRun
	}{
		{"as it is by default", base},
		{"other ports on some addresses", with(func(r *config.ProxyRun) {
			r.HTTPPort, r.HTTPSPort, r.BindIPs = 8080, 8443, []string{"127.0.0.1", "::1"}
		})},
		{"behind something else, in detail", with(func(r *config.ProxyRun) {
			r.Publish, r.LogSize, r.Debug, r.Options = false, "", true, []config.Option{{Name: "memory", Values: []string{"1g"}}}
		})},
		{"with an access log and metrics", with(func(r *config.ProxyRun) {
			r.LogHeaders, r.Metrics = []string{"User-Agent", "X-Id"}, 9394
		})},
		{"with certificates by the DNS", with(func(r *config.ProxyRun) {
			r.ACME = config.ACME{
				Email: "me@example.com", Server: "https://acme.example.com/dir", Challenge: config.DNSChallenge, Provider: "route53",
				Env: config.Env{Clear: []config.Pair{{Name: "REGION", Value: "eu"}}, Secret: []config.Secret{{Name: "TOKEN", Key: "TOKEN"}}},
				CA:  config.SecretRef{Key: "CA"},
			}
		})},
		{"with certificates by TLS", with(func(r *config.ProxyRun) { r.ACME.Challenge = config.TLSChallenge })},
		{"without HTTPS, with options of Traefik", with(func(r *config.ProxyRun) {
			r.HTTPSPort, r.Args = 0, []config.Pair{{Name: "accesslog", Value: "true"}, {Name: "entryPoints.http.forwardedHeaders.trustedIPs", Value: "192.0.2.0/24"}}
		})},
	} {
		line := settings(entry.run, secrets).run().String()
		parsesAsPOSIX(t, entry.name, line)
		seen[hash(entry.run)] = true
		line = strings.Replace(line, shell.Quote(pageGo), "«page.go»", 1)
		line = strings.Replace(line, shell.Quote(clientGo), "«client.go»", 1)
		out.WriteString("# " + entry.name + "\n" + strings.ReplaceAll(line, " --", "\n  --") + "\n\n")
	}
	golden.Equal(t, "testdata/run.golden", out.String())
	if len(seen) != 7 || hash(base) != hash(with(func(*config.ProxyRun) {})) {
		t.Errorf("hashes %v", seen)
	}
}

func TestCommands_that_look_at_the_proxy(t *testing.T) {
	t.Parallel()
	own := config.ACME{Server: "https://acme.example.com/dir"}
	steps := slices.Concat(Observe("traefik:v3"), ObserveFormer([]string{"a.example.com", "*.b.example.com"}),
		[]plan.Step{SeeIssued(own, false), SeeIssued(own, true), {Name: "logs", Run: Logs(docker.Logs{Lines: "100"})}})
	var out strings.Builder
	for _, s := range steps {
		line := s.Run.Wire().Reveal()
		parsesAsPOSIX(t, s.Name, line)
		out.WriteString("# " + s.Name + "\n" + line + "\n\n")
	}
	golden.Equal(t, "testdata/observe.golden", out.String())
}

func TestDiffers_tells_what_only_a_reboot_changes(t *testing.T) {
	t.Parallel()
	run := Settings{ProxyRun: config.ProxyRun{Image: "traefik:v3.7", HTTPPort: 80, HTTPSPort: 443, Publish: true}}
	up := facts.Proxy{ID: "p", State: "running", Image: run.Image, Config: run.hash()}
	older, other, down := up, up, up
	older.Image, other.Config, down.State, down.Config = "traefik:v3.1", "x", "exited", "x"
	for _, tt := range []struct {
		proxy facts.Proxy
		want  string
	}{
		{up, ""},
		{down, ""},
		{facts.Proxy{}, ""},
		{older, "the proxy runs traefik:v3.1 and the configuration says traefik:v3.7"},
		{other, "the proxy runs with options that differ from the configuration"},
	} {
		if got := Differs(facts.Host{Proxy: tt.proxy}, run); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.proxy, got, tt.want)
		}
	}
}

// Whoever starts the proxy starts it with what other apps on the host ask of it.
func TestRun_has_what_other_apps_ask_for(t *testing.T) {
	t.Parallel()
	other := app(t, "store", "", "{host: b, logging: {request_headers: [X-Id], response_headers: [X-Runtime]}}")
	h := facts.Host{Routes: []facts.Route{
		{File: "broken.yml", Content: "broken"}, {File: other.File(), Content: other.Content()},
	}}
	p := shop(t, "{logging: {}}").Proxy
	run := Settings{ProxyRun: p.Run.Logging(p.LogHeaders)}
	for name, steps := range map[string]string{"boot": Boot(h, run)[0].Run.String(), "reboot": Reboot(h, run)[1].Run.String()} {
		for _, header := range []string{"X-Id", "X-Runtime", "User-Agent"} {
			if !strings.Contains(steps, "--accesslog.fields.headers.names."+header+"=keep") {
				t.Errorf("%s does not log %s", name, header)
			}
		}
	}
	h.Proxy = facts.Proxy{ID: "p", State: "running", Image: run.Image, Config: run.hash()}
	if Differs(h, run) == "" {
		t.Error("a proxy without the headers of the other app passes")
	}
	h.Proxy.Config = run.merged(h).hash()
	if why := Differs(h, run); why != "" {
		t.Errorf("a proxy with all headers differs: %s", why)
	}
}

func TestPrograms_are_POSIX_shell(t *testing.T) {
	t.Parallel()
	parsesAsPOSIX(t, "inside.sh", insideSh)
	parsesAsPOSIX(t, "traefik.sh", outsideSh)
	parsesAsPOSIX(t, "prelude", prelude())
	parsesAsPOSIX(t, "prepare", prepare)
}

func parsesAsPOSIX(t *testing.T, name, text string) {
	t.Helper()
	if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), name); err != nil {
		t.Error(err)
	}
}
