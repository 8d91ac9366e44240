package config

import (
	"time"

	"mrsk/internal/redact"
	"mrsk/internal/yamltree"
)

// Project is what a deploy.yml says: checked, merged with its destination and completed with
// defaults. A run works on a Scope of it.
type Project struct {
	Placement // all roles and accessories of the file

	File        string // path of the base file, as given
	Destination string // "" without one
	OfKamal     bool   // the project is one of Kamal's, see Prefixed
	Service     string
	Image       string // repository path, without registry and tag

	Registry Registry
	Builder  Builder
	SSH      SSH
	SSHKit   SSHKit
	Boot     Boot
	Release  string // shell words of the release command, "" without one

	ReadinessDelay   time.Duration // how long a container without probe and health check must run to count as up
	DeployTimeout    time.Duration // how long a new container may take to become healthy
	DrainTimeout     time.Duration // how long requests in flight may take on an old container
	RetainContainers int           // healthy versions besides the current one that stay, at least 1

	ErrorPages  ErrorPages
	ProxyRun    ProxyRun // the root's; ProxyRunOn tells what a host gets
	HooksPath   string   // "" means .mrsk/hooks, then the fall-backs
	SecretsPath string   // "" means .mrsk/secrets

	Aliases     []Alias
	HooksOutput HooksOutput
	Output      Output
	Notices     []Notice // what is worth a word about a file without problems

	written *written // what Settings tells origins by
}

// Placement is which roles and accessories run on which hosts: all of a Project, or those of a
// Scope.
type Placement struct {
	Roles       []Role // the primary role first, then by name
	PrimaryRole string
	Accessories []Accessory // in the file's order
}

// Scope is the part of a project that a run works on: the chosen roles and accessories, each with
// its chosen hosts.
type Scope struct {
	Placement
	Project *Project

	departed []string // see Project.Departed
}

// Role is a group of hosts that run the same containers, with everything that applies to it
// already merged over the root of the file.
type Role struct {
	Name    string
	Hosts   []Host
	Cmd     string // shell words after the image, split by the host's shell; "" is the image's
	Labels  []Pair // without the labels that mrsk sets itself; Value may hold ${NAME}
	Options []Option
	Restart string // docker's restart policy, default "unless-stopped"
	Volumes []string
	Env     Env
	Logging Logging
	Proxy   *Proxy // nil: not behind the proxy
	Assets  Assets

	// StopTimeout is what `docker stop` waits for. Without a setting it is docker's ten seconds
	// for roles behind the proxy and drain_timeout for the others.
	StopTimeout time.Duration
	Order       Order // boot.order
}

// Host is a server of a role, with what the file says about it there.
type Host struct {
	Name string
	Tags []string
	Env  Env // what the host's tags add to the role's; Role.EnvOn has both
	Pos  yamltree.Pos
}

// Pair is a name with a value, in the file's order.
type Pair struct {
	Name, Value string
	Pos         yamltree.Pos
}

// Option is one option of `docker run`: --name "value", repeated for each value; no value at
// all is a bare flag.
type Option struct {
	Name   string
	Values []string
	Pos    yamltree.Pos
}

// Env is the environment of a container.
type Env struct {
	Clear  []Pair   // Value may hold ${NAME}; an empty value is an empty variable
	Secret []Secret // sorted as in the file
}

// Secret is an environment variable whose value comes from the secrets files, see Secrets.
type Secret struct {
	Name string // in the container
	Key  string // in the secrets files; differs from Name for NAME:KEY entries
	Pos  yamltree.Pos
}

// SecretRef is a value that the file gives either as plain text or as the name of a secret. Secrets.Of
// returns the value.
type SecretRef struct {
	Key  string        // name in the secrets files, "" when the file has the text itself
	Text redact.String // what the file has, if Key is ""
	Pos  yamltree.Pos
}

// Empty reports whether the file says nothing.
func (r SecretRef) Empty() bool { return r.Key == "" && r.Text.Empty() }

// Registry is where images are pushed to and pulled from. Server "" is Docker Hub.
type Registry struct {
	Server   string
	Username SecretRef
	Password SecretRef
	// None is set where an accessory has no registry of its own.
	None bool
}

// Builder says how the image is built.
type Builder struct {
	Arch       []string // amd64, arm64; empty: that of the hosts
	Driver     string   // "docker-container", "docker", …
	AnyDriver  bool     // the file leaves the driver to mrsk
	Remote     string   // Docker endpoint of another machine
	Local      bool
	LocalArch  string // what the local engine builds for; "": its own architecture
	LocalHost  string // Docker endpoint in place of the local one
	Context    string // "" builds a clean clone of the git checkout
	Dockerfile string // default "Dockerfile"
	Target     string
	Args       []Pair
	Secrets    []Secret
	SSH        string
	Cache      *Cache
	Provenance string
	SBOM       string
	Pack       *Pack // nil: with a Dockerfile
	Pos        yamltree.Pos

	// The older forms, until the section is read as a whole.
	multiarch  *bool
	remoteArch string
}

// Pack says how buildpacks make the image.
type Pack struct {
	Builder    string
	Buildpacks []string
}

// Cache is where the builder keeps layers between builds.
type Cache struct {
	Type    string // "gha" or "registry"
	Options string
	Image   string // default <image>-build-cache
}

// Proxy is how the requests of a role reach its containers.
type Proxy struct {
	Hosts           []string // none: every host name
	AppPort         int      // on which the container listens
	PathPrefixes    []string
	StripPathPrefix bool
	Healthcheck     Healthcheck
	ResponseTimeout time.Duration // until the answer of the container begins; 0 is no limit
	SSL             SSL
	ForwardHeaders  *bool      // nil: off with SSL, on without
	TrustedIPs      []string   // networks whose forwarded headers are believed; empty for all
	Buffering       *Buffering // nil: nothing is held back
	LogHeaders      []string   // of requests and responses; nil: no access log is asked for
	Run             ProxyRun
	Pos             yamltree.Pos
}

// Buffering is how the proxy holds requests and responses back until it has the whole. Sizes are
// bytes, and 0 is no limit.
type Buffering struct {
	Memory      int // of a body; the rest is written to a file
	MaxRequest  int // a larger body gets 413
	MaxResponse int // a larger body gets 500

	requests, responses bool
}

// Healthcheck is the probe that a new container must answer with 2xx.
type Healthcheck struct {
	Path     string
	Interval time.Duration // from one probe to the next
	Timeout  time.Duration // of one probe
	Own      bool          // no probe: the container's own health check decides
}

// SSL says where the certificates of a role come from.
type SSL struct {
	Enabled     bool
	Redirect    bool      // HTTP to HTTPS
	Certificate SecretRef // PEM; with PrivateKey, or neither
	PrivateKey  SecretRef
}

// Custom reports whether the certificate is given by the user instead of made by ACME.
func (s SSL) Custom() bool { return s.Certificate.Key != "" }

// ProxyRun is how the proxy container is started; it is one per host, shared by all apps.
type ProxyRun struct {
	Image     string // default the pinned Traefik image
	HTTPPort  int    // of the host
	HTTPSPort int    // 0: not published
	Publish   bool
	BindIPs   []string
	LogSize   string // json-file's max-size, "" keeps docker's default
	Debug     bool
	Options   []Option
	Args      []Pair // further options of Traefik itself
	Metrics   int    // port of the metrics on the proxy's network, 0: none
	ACME      ACME
	// LogHeaders are what the access log keeps of requests and responses; nil: there is no
	// access log.
	LogHeaders []string
}

// ErrorPages are the app's own pages that the proxy shows.
type ErrorPages struct {
	Path  string         // folder, relative to the project; "" without one
	Pages map[int]string // by the status that they are for, see Scope.WithErrorPages
	Pos   yamltree.Pos
}

// SSH says how to log in on the hosts.
type SSH struct {
	User            string // default root
	Port            int    // 0: what the ssh configuration says, else 22
	Proxy           string // jump host, [user@]host[:port]
	ProxyCommand    string
	Keys            []string
	KeysOnly        bool
	KeyData         []SecretRef
	Config          []string // ssh configuration files; nil with NoConfig false means the user's own
	NoConfig        bool     // ssh.config: false
	ForwardAgent    bool
	ForwardAgentSet bool // the file says so; otherwise the ssh configuration decides
	UserSet         bool // the file names a user, so it wins over the ssh configuration
	LogLevel        string
}

// SSHKit limits connections.
type SSHKit struct {
	MaxConcurrentStarts int           // logins at the same time
	PoolIdleTimeout     time.Duration // ignored: connections stay open while the command runs
	DNSRetries          int           // after a failed lookup of a host name
}

// Boot says how a new version is rolled out.
type Boot struct {
	Limit         Limit
	Wait          time.Duration // between batches
	Watch         time.Duration // of new containers, before the commit
	ParallelRoles bool
	Barrier       Barrier
}

// Limit is the size of a batch of hosts. The zero Limit is all at once.
type Limit struct {
	Count   int // hosts; 0 if Percent says how many
	Percent int // of all hosts, 1 to 100, rounded down to at least one host; 0 if Count says how many
}

// Barrier says what non-primary roles wait with until the primary role is healthy.
type Barrier string

// The barriers: by default new containers of other roles are started but no old one is stopped.
const (
	BeforeStop  Barrier = "before_stop"
	BeforeStart Barrier = "before_start"
)

// Order says whether the new container starts before the old one stops.
type Order string

// The orders. Auto is start_first, unless something cannot exist twice on a host (a fixed
// published port, the host's network).
const (
	Auto       Order = ""
	StartFirst Order = "start_first"
	StopFirst  Order = "stop_first"
)

// Logging is docker's logging of the containers.
type Logging struct {
	Driver  string
	Options []Pair
}
