package workflow

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mrsk/internal/accessory"
	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/golden"
	"mrsk/internal/hook"
	"mrsk/internal/registry"
	"mrsk/internal/testfleet"
	"mrsk/internal/testhost/engine"
)

const shopText = `
service: shop
image: shop
servers: [vm1]
registry: {server: registry.example.com, username: u, password: [PASSWORD]}
drain_timeout: 1
deploy_timeout: 1
readiness_delay: 0
retain_containers: 1
`

// shop is a project on hosts with Docker.
type shop struct {
	*testfleet.Fleet
	t     *testing.T
	text  string
	runs  int
	story strings.Builder
}

func newShop(t *testing.T, text string, hosts ...string) *shop {
	t.Helper()
	s := &shop{Fleet: testfleet.NewWithDocker(t, hosts...), t: t, text: text}
	s.PushApp("v1", "v2", "v3")
	return s
}

// env is the environment of a run about a version.
func (s *shop) env(version string) Env {
	env := testEnv(scopeOf(s.t, s.text), s.Fleet)
	env.Version = version
	s.runs++
	env.Identity = Identity{Token: fmt.Sprint("run ", s.runs), Performer: "ann"}
	env.Images = &registry.Store{Dir: s.t.TempDir(), Limit: 1e9}
	env.Now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	return env
}

// deployed deploys versions, one after the other.
func (s *shop) deployed(versions ...string) {
	s.t.Helper()
	for _, v := range versions {
		if err := Deploy(s.t.Context(), s.env(v), fromRegistry); err != nil {
			s.t.Fatal(err)
		}
	}
}

// fromRegistry deploys an image that is in the registry already.
var fromRegistry = DeployOptions{Verb: "deploy", SkipPush: true}

// chapter is a run of a use case.
type chapter struct {
	name string
	do   func(context.Context, Env) error
}

// tell runs use cases one after the other, and tells the notes and the error of each, and what there is
// on the hosts when it differs from before.
func (s *shop) tell(version string, chapters []chapter) string {
	before := ""
	for _, c := range chapters {
		said := len(s.Events())
		err := c.do(s.t.Context(), s.env(version))
		fmt.Fprintf(&s.story, "=== %s\n", c.name)
		for _, e := range s.Events()[said:] {
			switch e := e.(type) {
			case event.Note:
				fmt.Fprintf(&s.story, "note: %s\n", e.Text)
			case event.Work:
				fmt.Fprintf(&s.story, "work: %s %s, was %q, on %s\n", e.Doing, e.Version, e.Was, strings.Join(e.Hosts, " "))
			case event.RolloutEnd:
				fmt.Fprintf(&s.story, "end: %s\n", endText(e))
			}
		}
		if err != nil {
			text, _, _ := strings.Cut(err.Error(), "\n")
			fmt.Fprintf(&s.story, "error: %s\n", text)
			var failed *RolloutError
			if errors.As(err, &failed) {
				fmt.Fprintf(&s.story, "end: %s\n", endText(failed.End))
			}
		}
		if now := s.state(); now != before {
			s.story.WriteString(now)
			before = now
		}
	}
	return s.story.String()
}

// endText is the end of a rollout in one line.
func endText(e event.RolloutEnd) string {
	text := fmt.Sprintf("%s %s, back to %q", e.Version, e.Outcome, e.Back)
	for _, r := range e.Before {
		text += fmt.Sprintf(", before: %q on %s", r.Version, strings.Join(r.Hosts, " "))
	}
	if len(e.Unclear) > 0 {
		text += ", unclear: " + strings.Join(e.Unclear, " ")
	}
	return text
}

// state is what there is on the hosts.
func (s *shop) state() string {
	var out strings.Builder
	for _, name := range s.Names {
		fmt.Fprintf(&out, "%s:\n%s", name, s.Engines[name].State())
	}
	return out.String()
}

func deployOf(version string) chapter {
	return chapter{"deploy " + version, func(ctx context.Context, env Env) error { return Deploy(ctx, env.withVersion(version), fromRegistry) }}
}

func TestUse_cases_of_the_app(t *testing.T) {
	t.Parallel()
	s := newShop(t, shopText, "vm1")
	s.Engines["vm1"].Behave("shop:v3", engine.Habit{Answer: 503})
	golden.Equal(t, "testdata/app.golden", s.tell("v1", []chapter{
		{"boot what is not there", func(ctx context.Context, env Env) error { return Boot(ctx, env, BootOptions{}) }},
		{"boot what runs where nothing runs", func(ctx context.Context, env Env) error { return Boot(ctx, env, BootOptions{Current: true}) }},
		{"maintenance without a route", func(ctx context.Context, env Env) error { return Maintenance(ctx, env, MaintenanceOptions{}) }},
		deployOf("v1"),
		deployOf("v2"),
		deployOf("v3"), // does not become healthy
		{"stop", StopApp},
		{"stop again", StopApp},
		{"start", StartApp},
		{"maintenance", func(ctx context.Context, env Env) error {
			return Maintenance(ctx, env, MaintenanceOptions{Message: "back at noon"})
		}},
		{"live", EndMaintenance},
		{"boot what runs", func(ctx context.Context, env Env) error { return Boot(ctx, env, BootOptions{Current: true}) }},
		{"roll back", func(ctx context.Context, env Env) error { return Rollback(ctx, env, RollbackOptions{}) }},
		{"prune containers", func(ctx context.Context, env Env) error { return Prune(ctx, env, deploy.What{Containers: true}) }},
		{"prune images", func(ctx context.Context, env Env) error { return Prune(ctx, env, deploy.What{Images: true}) }},
		{"stop stale containers", StopStale},
		{"lock", func(ctx context.Context, env Env) error { return AcquireLock(ctx, env, "moving house") }},
		{"stop under the lock", StopApp},
		{"unlock", ReleaseLock},
		{"remove the app", RemoveApp},
	}))
}

func TestUse_cases_of_the_proxy(t *testing.T) {
	t.Parallel()
	s := newShop(t, strings.Replace(shopText, "[vm1]", "[vm1, vm2]", 1), "vm1", "vm2")
	golden.Equal(t, "testdata/proxy.golden", s.tell("v1", []chapter{
		{"start what is not there", StartProxies},
		{"boot", BootProxies},
		{"boot again", BootProxies},
		{"stop", StopProxies},
		{"start", StartProxies},
		{"restart", RestartProxies},
		deployOf("v1"),
		{"remove under an app", func(ctx context.Context, env Env) error { return RemoveProxies(ctx, env, false) }},
		{"reboot without an answer", func(ctx context.Context, env Env) error { return RebootProxies(ctx, env, ReplaceProxyOptions{}) }},
		{"reboot", func(ctx context.Context, env Env) error {
			return RebootProxies(ctx, env, ReplaceProxyOptions{Confirmed: true})
		}},
		{"upgrade", func(ctx context.Context, env Env) error {
			return UpgradeProxies(ctx, env, ReplaceProxyOptions{Confirmed: true, Rolling: true})
		}},
		{"remove by force", func(ctx context.Context, env Env) error { return RemoveProxies(ctx, env, true) }},
	}))
}

const accessoryText = shopText + `accessories:
  db:
    image: mysql:8.0
    host: vm2
    env: {secret: [ROOT]}
    files: [my.cnf:/etc/my.cnf]
    directories: [data:/var/lib/mysql]
`

func TestUse_cases_of_accessories(t *testing.T) {
	t.Parallel()
	s := newShop(t, accessoryText, "vm1", "vm2")
	files := accessory.Files{"db": {"port=3306\n"}}
	with := func(do func(context.Context, Env, accessory.Files) error) func(context.Context, Env) error {
		return func(ctx context.Context, env Env) error { return do(ctx, env, files) }
	}
	remove := func(o RemoveAccessoriesOptions) func(context.Context, Env) error {
		return func(ctx context.Context, env Env) error { return RemoveAccessories(ctx, env, o) }
	}
	golden.Equal(t, "testdata/accessories.golden", s.tell("v1", []chapter{
		{"boot", with(BootAccessories)},
		{"boot again", with(BootAccessories)},
		{"stop", StopAccessories},
		{"start", with(StartAccessories)},
		{"restart", with(RestartAccessories)},
		{"reboot", with(RebootAccessories)},
		{"remove without an answer", remove(RemoveAccessoriesOptions{})},
		{"remove but for its data", remove(RemoveAccessoriesOptions{Confirmed: true, KeepData: true})},
	}))
	if got := s.Engines["vm2"].Environment("shop-db"); got != nil {
		t.Errorf("it is still there: %q", got)
	}
	if got := s.Read("vm2", "shop-db/etc/my.cnf"); got != "port=3306\n" {
		t.Errorf("the file is gone: %q", got)
	}
	if err := RemoveAccessories(t.Context(), s.env("v1"), RemoveAccessoriesOptions{Confirmed: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(s.Hosts["vm2"].Home(), "shop-db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestSetup_and_remove(t *testing.T) {
	t.Parallel()
	s := newShop(t, accessoryText, "vm1", "vm2")
	o := SetupOptions{DeployOptions: fromRegistry, Files: accessory.Files{"db": {"port=3306\n"}}}
	only := func(env Env) Env {
		env.Scope = scopeOf(t, strings.Replace(accessoryText, "servers: [vm1]\n", "", 1))
		return env
	}
	golden.Equal(t, "testdata/setup.golden", s.tell("v1", []chapter{
		{"set up accessories alone", func(ctx context.Context, env Env) error { return Setup(ctx, only(env), o) }},
		{"set up", func(ctx context.Context, env Env) error { return Setup(ctx, env, o) }},
		{"remove without an answer", func(ctx context.Context, env Env) error { return Remove(ctx, env, false) }},
		{"remove", func(ctx context.Context, env Env) error { return Remove(ctx, env, true) }},
	}))
}

// hooked gives the project hooks that write their name, and the hosts, into a file; the one in
// failing fails.
func (s *shop) hooked(env Env, failing string) (Env, func() string) {
	s.t.Helper()
	dir := s.t.TempDir()
	for _, name := range hook.Names() {
		text := "#!/bin/sh\necho " + name + " $MRSK_HOSTS >>" + dir + "/ran\n[ " + name + " != '" + failing + "' ]\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			s.t.Fatal(err)
		}
	}
	env.Hooks = hook.New(hook.Options{Folders: hook.Folders{Project: dir, HooksPath: dir}, Environ: os.Environ(), Events: s.Sink, Facts: hook.Facts{Performer: func() string { return "ann" }}})
	return env, func() string {
		ran, _ := os.ReadFile(filepath.Join(dir, "ran")) // no file: none ran
		return strings.Join(strings.Split(strings.TrimSpace(string(ran)), "\n"), ", ")
	}
}

func TestHooks_run_in_their_order_and_end_what_fails(t *testing.T) {
	t.Parallel()
	rollBack := func(ctx context.Context, env Env) error {
		return Rollback(ctx, env.withVersion("v1"), RollbackOptions{})
	}
	reboot := func(rolling bool) func(context.Context, Env) error {
		return func(ctx context.Context, env Env) error {
			return RebootProxies(ctx, env, ReplaceProxyOptions{Confirmed: true, Rolling: rolling})
		}
	}
	for name, tt := range map[string]struct {
		do      func(context.Context, Env) error
		failing string
		ran     string
		serves  string
	}{
		"deploy":                    {deployOf("v2").do, "", "pre-deploy vm1,vm2, pre-app-boot vm1,vm2, post-app-boot vm1,vm2, post-deploy vm1,vm2", "v2"},
		"before the deploy":         {deployOf("v2").do, hook.PreDeploy, "pre-deploy vm1,vm2", "v1"},
		"before the boot":           {deployOf("v2").do, hook.PreAppBoot, "pre-deploy vm1,vm2, pre-app-boot vm1,vm2", "v1"},
		"after the boot":            {deployOf("v2").do, hook.PostAppBoot, "pre-deploy vm1,vm2, pre-app-boot vm1,vm2, post-app-boot vm1,vm2", "v1"},
		"after the deploy":          {deployOf("v2").do, hook.PostDeploy, "pre-deploy vm1,vm2, pre-app-boot vm1,vm2, post-app-boot vm1,vm2, post-deploy vm1,vm2", "v2"},
		"roll back":                 {rollBack, "", "pre-deploy vm1,vm2, pre-app-boot vm1,vm2, post-app-boot vm1,vm2, post-rollback vm1,vm2", "v1"},
		"reboot all proxies":        {reboot(false), "", "pre-proxy-reboot vm1,vm2, post-proxy-reboot vm1,vm2", "v1"},
		"reboot one after another":  {reboot(true), "", "pre-proxy-reboot vm1, post-proxy-reboot vm1, pre-proxy-reboot vm2, post-proxy-reboot vm2", "v1"},
		"before the reboot of one":  {reboot(true), hook.PreProxyReboot, "pre-proxy-reboot vm1", "v1"},
		"docker-setup of bootstrap": {Bootstrap, "", "docker-setup vm1,vm2", "v1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, strings.Replace(shopText, "[vm1]", "[vm1, vm2]", 1), "vm1", "vm2")
			s.deployed("v1")
			env, ran := s.hooked(s.env("v1"), tt.failing)
			var failed *hook.FailedError
			if err := tt.do(t.Context(), env); errors.As(err, &failed) != (tt.failing != "") || err != nil && failed == nil {
				t.Errorf("err = %v", err)
			}
			if got := ran(); got != tt.ran {
				t.Errorf("ran %s", got)
			}
			for _, name := range s.Names {
				if got := s.Engines[name].State(); !strings.Contains(got, "route shop.web.http0: shop-web-"+tt.serves+"\n") {
					t.Errorf("%s: %s", name, got)
				}
			}
		})
	}
}
