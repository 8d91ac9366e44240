package image

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/golden"
	"mrsk/internal/local"
	"mrsk/internal/redact"
	"mrsk/internal/shell"
)

// values are those of all secrets in the tests.
var values = config.NewSecrets(map[string]redact.String{
	"USER": redact.New("sentinel-user"), "PASSWORD": redact.New("sentinel-password"), "TOKEN": redact.New("sentinel-token"),
	"AWS_SECRET_ACCESS_KEY": redact.New("sentinel-aws"), "a.b": redact.New("sentinel-dotted"), "BOTH": redact.New("sentinel-both"),
})

// basic is the configuration that the cases change.
func basic() *config.Project {
	return &config.Project{
		Service: "app",
		Image:   "dhh/app",
		Registry: config.Registry{
			Server:   "registry.example.com",
			Username: config.SecretRef{Text: redact.New("dhh")},
			Password: config.SecretRef{Key: "PASSWORD"},
		},
		Builder: config.Builder{Arch: []string{"amd64"}, Local: true},
	}
}

var cases = []struct {
	name   string
	change func(*config.Project)
	engine string
}{
	{"the least that there is", func(*config.Project) {}, ""},
	{"Docker Hub, a destination, two architectures", func(c *config.Project) {
		c.Registry.Server, c.Destination = "", "staging"
		c.Builder.Arch = []string{"amd64", "arm64"}
	}, ""},
	{"everything", func(c *config.Project) {
		b := &c.Builder
		b.Context, b.Dockerfile, b.Target, b.SSH = "./back end", "docker/Dockerfile.prod", "final", "default=/run/agent.sock"
		b.Args = []config.Pair{
			{Name: "RUBY_VERSION", Value: "3.4.1"},
			{Name: "HTTP_PROXY", Value: "http://sentinel-proxy"},
			{Name: "a-b", Value: "it's"},
			{Name: "BOTH", Value: "open"},
		}
		b.Secrets = []config.Secret{
			{Name: "TOKEN", Key: "TOKEN"},
			{Name: "AWS_SECRET_ACCESS_KEY", Key: "AWS_SECRET_ACCESS_KEY"},
			{Name: "a.b", Key: "a.b"},
			{Name: "BOTH", Key: "BOTH"},
		}
		b.Cache = &config.Cache{Type: "registry", Image: "dhh/app-build-cache", Options: "mode=max,image-manifest=true"}
		b.Provenance, b.SBOM = "mode=max", "true"
	}, ""},
	{"the cache of GitHub", func(c *config.Project) {
		c.Builder.Cache = &config.Cache{Type: "gha", Options: "mode=max,scope=test"}
	}, ""},
	{"a cache with an image of its own", func(c *config.Project) {
		c.Builder.Cache = &config.Cache{Type: "registry", Image: "dhh/layers"}
	}, ""},
	{"driver docker", func(c *config.Project) { c.Builder.Driver = "docker" }, ""},
	{"Docker Build Cloud", func(c *config.Project) { c.Builder.Driver = "cloud org/team" }, ""},
	{"no registry", func(c *config.Project) { c.Registry = config.Registry{Server: "localhost:5555"} }, ""},
	{"no registry, built by the engine", func(c *config.Project) {
		c.Registry, c.Builder.Driver = config.Registry{Server: "localhost:5555"}, "docker"
	}, ""},
	{"no registry, the engine of another machine", func(c *config.Project) {
		c.Registry = config.Registry{Server: "localhost:5555"}
		c.Builder.Remote, c.Builder.Local, c.Builder.Driver = "ssh://app@10.0.0.9", false, "docker"
	}, ""},
	{"no registry for a cache", func(c *config.Project) {
		c.Registry = config.Registry{Server: "localhost:5555"}
		c.Builder.Cache = &config.Cache{Type: "registry", Image: "dhh/app-build-cache"}
	}, ""},
	{"a remote builder", func(c *config.Project) {
		c.Builder.Remote, c.Builder.Arch = "ssh://app@build.example.com:22", []string{"arm64"}
	}, "amd64"},
	{"a remote builder for everything", func(c *config.Project) {
		c.Builder.Remote, c.Builder.Local = "ssh://app@10.0.0.9", false
	}, ""},
	{"a remote builder that is not needed", func(c *config.Project) { c.Builder.Remote = "ssh://app@10.0.0.9" }, "amd64"},
	{"a builder for each architecture", func(c *config.Project) {
		c.Builder.Remote, c.Builder.Arch = "ssh://app@10.0.0.9", []string{"amd64", "arm64"}
	}, "amd64"},
	{"a builder for each architecture, of the older form", func(c *config.Project) {
		b := &c.Builder
		b.Remote, b.Arch, b.LocalArch, b.LocalHost = "ssh://app@10.0.0.9", []string{"arm64", "amd64"}, "arm64", "unix:///Users/ann/docker.sock"
	}, ""},
	{"a builder for each architecture, without a registry", func(c *config.Project) {
		c.Registry = config.Registry{Server: "localhost:5555"}
		c.Builder.Remote, c.Builder.Arch = "ssh://app@10.0.0.9", []string{"amd64", "arm64"}
	}, "amd64"},
	{"a remote builder without a registry", func(c *config.Project) {
		c.Registry = config.Registry{Server: "localhost:5555"}
		c.Builder.Remote, c.Builder.Local = "ssh://app@10.0.0.9", false
	}, ""},
	{"the engine of another machine", func(c *config.Project) {
		c.Builder.Remote, c.Builder.Local, c.Builder.Driver = "ssh://app@10.0.0.9", false, "docker"
	}, ""},
	{"buildpacks", func(c *config.Project) {
		b := &c.Builder
		b.Pack = &config.Pack{Builder: "heroku/builder:24", Buildpacks: []string{"heroku/ruby", "heroku/procfile"}}
		b.Args = []config.Pair{{Name: "RUBY_VERSION", Value: "3.4.1"}, {Name: "HTTP_PROXY", Value: "http://sentinel-proxy"}}
		b.Secrets = []config.Secret{{Name: "TOKEN", Key: "TOKEN"}, {Name: "AWS_SECRET_ACCESS_KEY", Key: "AWS_SECRET_ACCESS_KEY"}}
	}, ""},
	{"the buildpacks that the builder finds", func(c *config.Project) {
		c.Builder.Pack, c.Builder.Arch = &config.Pack{Builder: "heroku/builder:24"}, nil
	}, ""},
	{"a login with a secret user name, no server", func(c *config.Project) {
		c.Registry.Server, c.Registry.Username = "", config.SecretRef{Key: "USER"}
	}, ""},
	{"a registry that asks nobody", func(c *config.Project) { c.Registry = config.Registry{Server: "registry.example.com"} }, ""},
}

// Every command line that can come out of a configuration, in the rendering that is shown.
func TestCommands(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, tt := range cases {
		c := basic()
		tt.change(c)
		fmt.Fprintf(&got, "# %s\n%s\n", tt.name, transcript(t, c, values, tt.engine))
	}
	golden.Equal(t, "testdata/commands.golden", got.String())
	script := strings.NewReplacer("host: ", "", "without buildx", "# without buildx").Replace(got.String())
	if _, err := local.Run(t.Context(), local.Command{Argv: []string{"sh", "-n"}, Stdin: strings.NewReader(script)}); err != nil {
		t.Errorf("not what a shell can read: %v", err)
	}
}

func transcript(t *testing.T, c *config.Project, secrets config.Secrets, engine string) string {
	t.Helper()
	s := SpecOf(c, secrets, "3f2a", nil)
	b, err := s.builderFor(engine)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, one := range allCommands(s, b, c.Registry) {
		checkArguments(t, one)
		out.WriteString(describe(one))
	}
	if line := LoginLine(c.Registry, secrets); !line.Empty() {
		fmt.Fprintf(&out, "host: %s\nhost: %s\n", line, LogoutLine(c.Registry))
	}
	if reason := s.buildxReason(); reason != "" {
		fmt.Fprintf(&out, "without buildx: no, because of %s\n", reason)
	}
	return out.String()
}

func allCommands(s Spec, b builder, r config.Registry) []command {
	var all []command
	if needsLogin(r) {
		all = append(all, login(r, s.Secrets), logout(r))
	}
	for _, e := range b.endpoints() {
		all = append(all, e.inspect())
	}
	if b.name != "" && !b.engine {
		all = append(all, b.inspect())
	}
	all = append(all, b.create()...)
	all = append(all, b.remove()...)
	if s.Builder.Pack != nil {
		return append(append(all, s.packBuild(), inspectPack(b.pack)), s.pushCommands()...)
	}
	all = append(all, s.build(b, whither(s, b)))
	if s.buildxReason() == "" {
		all = append(all, s.plainBuild())
		if !s.toCache() {
			all = append(all, s.pushCommands()...)
		}
	}
	return all
}

// whither is where Build lets the builder leave the image.
func whither(s Spec, b builder) destination {
	switch {
	case s.toCache() && b.hasStore():
		return destination{"oci,tar=false,dest=/cache/work/1", "/cache/work/1/metadata.json"}
	case s.toCache():
		return destination{output: "docker"}
	}
	return destination{s.output(), "/tmp/metadata.json"}
}

func describe(c command) string {
	text := c.shown.String() + "\n"
	for _, v := range c.env {
		text += "    with " + v.name + "\n"
	}
	if !c.stdin.Empty() {
		text += "    reading the password\n"
	}
	return text
}

// checkArguments makes sure that no secret is an argument, and that what is shown is what runs.
func checkArguments(t *testing.T, c command) {
	t.Helper()
	for _, secret := range []string{"sentinel-password", "sentinel-token", "sentinel-aws", "sentinel-dotted", "sentinel-both"} {
		if strings.Contains(strings.Join(c.args, " "), secret) {
			t.Errorf("%s is in the arguments %q", secret, c.args)
		}
	}
	if strings.Contains(c.shown.String(), "sentinel") {
		t.Errorf("a secret is shown: %s", c.shown)
	}
	if wire := shell.Cmd(c.args...).String(); !strings.Contains(c.shown.String(), redact.Mark) && wire != c.shown.String() {
		t.Errorf("shown %s\nruns  %s", c.shown, wire)
	}
}

func TestLoginLine_keeps_the_password_byte_for_byte(t *testing.T) {
	t.Parallel()
	r := basic().Registry
	odd := config.NewSecrets(map[string]redact.String{"PASSWORD": redact.New(`it's $HOME %s \n`)})
	want := "_secret1=" + `'it'\''s $HOME %s \n'` + "\n" + `printf %s "$_secret1" | docker login registry.example.com -u dhh --password-stdin`
	if diff := cmp.Diff(want, LoginLine(r, odd).Wire().Reveal()); diff != "" {
		t.Error(diff)
	}
}

// The usual value is default=$SSH_AUTH_SOCK, which docker takes as it stands for a file's name.
func TestBuild_fills_variables_in_the_way_to_the_agent(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "/run/agent.sock")
	c := basic()
	c.Builder.SSH = "default=$SSH_AUTH_SOCK"
	got := SpecOf(c, values, "3f2a", nil).build(builder{}, destination{}).args
	if !slices.Contains(got, "default=/run/agent.sock") {
		t.Errorf("got %q", got)
	}
}

func TestCommands_without_a_cache_have_their_flag(t *testing.T) {
	t.Parallel()
	c := basic()
	c.Builder.Pack = &config.Pack{Builder: "heroku/builder:24"}
	s := SpecOf(c, values, "3f2a", nil)
	s.NoCache = true
	for _, tt := range []struct {
		command command
		flag    string
	}{{s.build(builder{}, destination{}), "--no-cache"}, {s.plainBuild(), "--no-cache"}, {s.packBuild(), "--clear-cache"}} {
		if !slices.Contains(tt.command.args, tt.flag) {
			t.Errorf("%q lacks %s", tt.command.args, tt.flag)
		}
	}
}

func TestKind_is_what_people_call_the_builder(t *testing.T) {
	t.Parallel()
	for want, b := range map[string]builder{
		"local":  {name: "mrsk-local-docker-container"},
		"remote": {remote: "ssh://x", remoteArchs: []string{"arm64"}},
		"hybrid": {remote: "ssh://x", localArchs: []string{"amd64"}, remoteArchs: []string{"arm64"}},
		"pack":   {pack: "heroku/builder:24"},
		"cloud":  {driver: "cloud org/team"},
	} {
		if got := b.kind(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestPlainReason_of_an_output_that_docker_alone_lacks(t *testing.T) {
	t.Parallel()
	s := SpecOf(basic(), values, "3f2a", nil)
	s.Output = "oci,dest=x.tar"
	if got := s.buildxReason(); got != "the output oci,dest=x.tar" {
		t.Errorf("got %q", got)
	}
}

func TestNamesOf(t *testing.T) {
	t.Parallel()
	c := basic()
	c.Destination = "staging"
	want := Names{"registry.example.com/dhh/app", "registry.example.com/dhh/app:3f2a", "registry.example.com/dhh/app:latest-staging"}
	if diff := cmp.Diff(want, NamesOf(c, "3f2a")); diff != "" {
		t.Error(diff)
	}
}

func TestSpecOf_builds_for_the_hosts_where_the_file_names_no_architecture(t *testing.T) {
	t.Parallel()
	c := basic()
	if got := SpecOf(c, values, "3f2a", []string{"arm64"}).Arch; !cmp.Equal(got, []string{"amd64"}) {
		t.Errorf("got %q", got)
	}
	c.Builder.Arch = nil
	if got := SpecOf(c, values, "3f2a", []string{"arm64"}).Arch; !cmp.Equal(got, []string{"arm64"}) {
		t.Errorf("got %q", got)
	}
}

func TestDevelopment_keeps_the_image_here_under_another_tag(t *testing.T) {
	t.Parallel()
	got := SpecOf(basic(), values, "3f2a", nil).Development("docker").build(builder{}, destination{output: "docker"}).shown.String()
	want := "docker buildx build --output=type=docker --platform linux/amd64 -t registry.example.com/dhh/app:3f2a-dirty " +
		"-t registry.example.com/dhh/app:latest-dirty --label service=app --file Dockerfile ."
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// docker's own exporter takes one architecture.
func TestDevelopment_builds_for_one_architecture_where_docker_gets_the_image(t *testing.T) {
	t.Parallel()
	c := basic()
	c.Builder.Arch = []string{"amd64", "arm64"}
	if got := SpecOf(c, values, "3f2a", nil).Development("docker").Arch; got != nil {
		t.Errorf("got %q", got)
	}
	if got := SpecOf(c, values, "3f2a", nil).Development("oci").Arch; len(got) != 2 {
		t.Errorf("got %q", got)
	}
}

func TestFits_wants_each_architecture_on_a_machine_of_its_own(t *testing.T) {
	t.Parallel()
	hybrid := builder{name: "b", remote: "ssh://x", localArchs: []string{"amd64"}, remoteArchs: []string{"arm64"}}
	const both = "Endpoint: default\nPlatforms: linux/amd64*, linux/386\nEndpoint: b-context\nPlatforms: linux/arm64*\n"
	for text, want := range map[string]bool{
		both: true,
		strings.Replace(both, "arm64*", "riscv64*", 1):   false,
		strings.Replace(both, "b-context", "default", 1): false,
	} {
		if got := hybrid.equals(text); got != want {
			t.Errorf("%t for\n%s", got, text)
		}
	}
	if remote := (builder{name: "b", remote: "ssh://x", remoteArchs: []string{"arm64"}}); !remote.equals("Endpoint: b-context\n") {
		t.Error("a machine alone is given no architecture")
	}
}

func TestBuilderFor_refuses_what_it_cannot_do(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*config.Project){
		"builder.driver docker for architectures on two machines is not supported": func(c *config.Project) {
			c.Builder.Remote, c.Builder.Driver, c.Builder.Arch = "ssh://app@10.0.0.9", "docker", []string{"amd64", "arm64"}
		},
	} {
		c := basic()
		change(c)
		if _, err := SpecOf(c, values, "3f2a", nil).builderFor("amd64"); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
