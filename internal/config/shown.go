package config

import (
	"cmp"
	"encoding/json"

	"go.yaml.in/yaml/v4"

	"mrsk/internal/redact"
)

// View is the configuration as the config command shows it. It holds no secret values.
type View struct {
	Service            string      `json:"service" yaml:"service"`
	Destination        string      `json:"destination,omitempty" yaml:"destination,omitempty"`
	Roles              []string    `json:"roles" yaml:"roles"`
	Hosts              []string    `json:"hosts" yaml:"hosts"`
	PrimaryHost        string      `json:"primary_host,omitempty" yaml:"primary_host,omitempty"`
	Version            string      `json:"version,omitempty" yaml:"version,omitempty"`
	Repository         string      `json:"repository" yaml:"repository"`
	AbsoluteImage      string      `json:"absolute_image,omitempty" yaml:"absolute_image,omitempty"`
	ServiceWithVersion string      `json:"service_with_version,omitempty" yaml:"service_with_version,omitempty"`
	VolumeArgs         []string    `json:"volume_args" yaml:"volume_args"`
	SSH                SSHView     `json:"ssh_options" yaml:"ssh_options"`
	SSHKit             SSHKitView  `json:"sshkit" yaml:"sshkit"`
	Builder            BuilderView `json:"builder" yaml:"builder"`
	Logging            LoggingView `json:"logging" yaml:"logging"`

	Proxy       map[string]ProxyView     `json:"proxy,omitempty" yaml:"proxy,omitempty"` // by role
	Accessories map[string]AccessoryView `json:"accessories,omitempty" yaml:"accessories,omitempty"`

	// Settings has the effective values of all keys. Origins has their origins, if requested.
	Settings map[string]any    `json:"settings" yaml:"-"`
	Origins  map[string]string `json:"origins,omitempty" yaml:"-"`

	settings []Setting
	origins  bool
}

// SSHView is the part of a View about logging in.
type SSHView struct {
	User         string   `json:"user" yaml:"user"`
	Port         int      `json:"port" yaml:"port"` // of sshd
	Proxy        string   `json:"proxy,omitempty" yaml:"proxy,omitempty"`
	ProxyCommand string   `json:"proxy_command,omitempty" yaml:"proxy_command,omitempty"`
	Keys         []string `json:"keys,omitempty" yaml:"keys,omitempty"`
	KeysOnly     bool     `json:"keys_only,omitempty" yaml:"keys_only,omitempty"`
	KeyData      []string `json:"key_data,omitempty" yaml:"key_data,omitempty"`
	Config       []string `json:"config,omitempty" yaml:"config,omitempty"`
	ForwardAgent bool     `json:"forward_agent" yaml:"forward_agent"`
	Keepalive    bool     `json:"keepalive" yaml:"keepalive"`
	Interval     int      `json:"keepalive_interval" yaml:"keepalive_interval"` // in seconds
	LogLevel     string   `json:"log_level" yaml:"log_level"`
}

// SSHKitView is the part of a View about limits on connections; the time is in seconds.
type SSHKitView struct {
	MaxConcurrentStarts int `json:"max_concurrent_starts" yaml:"max_concurrent_starts"` // logins at the same time
	PoolIdleTimeout     int `json:"pool_idle_timeout" yaml:"pool_idle_timeout"`         // in seconds
	DNSRetries          int `json:"dns_retries" yaml:"dns_retries"`                     // after a failed lookup of a host name
}

// BuilderView is the part of a View about building. The values of build arguments are hidden.
type BuilderView struct {
	Arch       []string          `json:"arch,omitempty" yaml:"arch,omitempty"`
	Driver     string            `json:"driver" yaml:"driver"`
	Local      bool              `json:"local" yaml:"local"`
	Remote     string            `json:"remote,omitempty" yaml:"remote,omitempty"`
	Context    string            `json:"context,omitempty" yaml:"context,omitempty"`
	Dockerfile string            `json:"dockerfile" yaml:"dockerfile"`
	Target     string            `json:"target,omitempty" yaml:"target,omitempty"`
	Args       map[string]string `json:"args,omitempty" yaml:"args,omitempty"`
	Secrets    []string          `json:"secrets,omitempty" yaml:"secrets,omitempty"`
	SSH        string            `json:"ssh,omitempty" yaml:"ssh,omitempty"`
	Cache      *CacheView        `json:"cache,omitempty" yaml:"cache,omitempty"`
	Provenance string            `json:"provenance,omitempty" yaml:"provenance,omitempty"`
	SBOM       string            `json:"sbom,omitempty" yaml:"sbom,omitempty"`
	Pack       *PackView         `json:"pack,omitempty" yaml:"pack,omitempty"`
}

// PackView is the part of a BuilderView about buildpacks.
type PackView struct {
	Builder    string   `json:"builder" yaml:"builder"`
	Buildpacks []string `json:"buildpacks,omitempty" yaml:"buildpacks,omitempty"`
}

// CacheView is the build cache in a BuilderView.
type CacheView struct {
	Type    string `json:"type" yaml:"type"`
	Options string `json:"options,omitempty" yaml:"options,omitempty"`
	Image   string `json:"image" yaml:"image"`
}

// LoggingView is the part of a View about the primary role's logging.
type LoggingView struct {
	Driver  string            `json:"driver,omitempty" yaml:"driver,omitempty"`
	Options map[string]string `json:"options,omitempty" yaml:"options,omitempty"`
}

// AccessoryView is an accessory in a View. The values of its environment are hidden.
type AccessoryView struct {
	Service string   `json:"service" yaml:"service"`
	Image   string   `json:"image" yaml:"image"`
	Hosts   []string `json:"hosts" yaml:"hosts"`
	Cmd     string   `json:"cmd,omitempty" yaml:"cmd,omitempty"`
	Port    string   `json:"port,omitempty" yaml:"port,omitempty"`
	Env     []string `json:"env,omitempty" yaml:"env,omitempty"`
	Volumes []string `json:"volumes,omitempty" yaml:"volumes,omitempty"`
	Network string   `json:"network,omitempty" yaml:"network,omitempty"`
	Proxied []string `json:"proxy_hosts,omitempty" yaml:"proxy_hosts,omitempty"`
}

// Shown returns the view for the config command. version may be "". With origins, the view has the
// origin of every setting.
func (s *Scope) Shown(version string, origins bool) View {
	p := s.Project
	v := View{
		Service:     p.Service,
		Destination: p.Destination,
		Roles:       []string{},
		Hosts:       append([]string{}, s.Hosts()...),
		PrimaryHost: s.PrimaryHost(),
		Repository:  p.Repository(),
		VolumeArgs:  []string{},
		SSH:         p.SSH.shown(),
		SSHKit:      SSHKitView{p.SSHKit.MaxConcurrentStarts, int(p.SSHKit.PoolIdleTimeout.Seconds()), p.SSHKit.DNSRetries},
		Builder:     p.Builder.shown(),
		Accessories: s.shownAccessories(),
		Proxy:       map[string]ProxyView{},
	}
	for _, r := range p.Roles {
		switch _, chosen := s.Role(r.Name); {
		case !chosen && len(r.Hosts) > 0:
			continue
		case r.Proxy != nil:
			v.Proxy[r.Name] = r.Proxy.shown()
		}
		v.Roles = append(v.Roles, r.Name)
	}
	if version != "" {
		v.Version = version
		v.AbsoluteImage = p.AbsoluteImage(version)
		v.ServiceWithVersion = p.Service + "-" + version
	}
	if primary, ok := s.Role(s.PrimaryRole); ok {
		v.Logging = LoggingView{primary.Logging.Driver, asMap(primary.Logging.Options)}
		for _, volume := range primary.Volumes {
			v.VolumeArgs = append(v.VolumeArgs, "--volume", volume)
		}
	}
	v.settings, v.origins, v.Settings = s.Settings(), origins, map[string]any{}
	if origins {
		v.Origins = map[string]string{}
	}
	for _, one := range v.settings {
		v.Settings[one.Key] = one.Value
		if origins {
			v.Origins[one.Key] = one.Origin
		}
	}
	return v
}

// JSON returns the view as an indented JSON object with a final newline.
func (v View) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}

// YAML returns the view as a YAML document. Origins are comments.
func (v View) YAML() ([]byte, error) {
	text, err := yaml.Dump(v)
	if err != nil {
		return nil, err
	}
	list := &yaml.Node{Kind: yaml.MappingNode}
	for _, s := range v.settings {
		var value yaml.Node
		if err := value.Encode(s.Value); err != nil {
			return nil, err
		}
		key := &yaml.Node{Kind: yaml.ScalarNode, Value: s.Key}
		switch {
		case !v.origins:
		case value.Kind == yaml.ScalarNode:
			value.LineComment = "# " + s.Origin
		default:
			key.LineComment = "# " + s.Origin
		}
		list.Content = append(list.Content, key, &value)
	}
	more, err := yaml.Dump(map[string]*yaml.Node{"settings": list})
	return append(text, more...), err
}

func (s SSH) shown() SSHView {
	v := SSHView{
		User:         s.User,
		Port:         cmp.Or(s.Port, 22),
		Keepalive:    true,
		Interval:     int(KeepaliveInterval.Seconds()),
		Proxy:        s.Proxy,
		ProxyCommand: s.ProxyCommand,
		Keys:         s.Keys,
		KeysOnly:     s.KeysOnly,
		Config:       s.Config,
		ForwardAgent: s.ForwardAgent,
		LogLevel:     s.LogLevel,
	}
	for range s.KeyData {
		v.KeyData = append(v.KeyData, redact.Mark)
	}
	return v
}

func (b Builder) shown() BuilderView {
	v := BuilderView{
		Arch:       b.Arch,
		Driver:     b.Driver,
		Local:      b.Local,
		Remote:     b.Remote,
		Context:    b.Context,
		Dockerfile: b.Dockerfile,
		Target:     b.Target,
		SSH:        b.SSH,
		Provenance: b.Provenance,
		SBOM:       b.SBOM,
	}
	v.Args = asMap(b.Args)
	for name := range v.Args {
		v.Args[name] = redact.Mark
	}
	for _, s := range b.Secrets {
		v.Secrets = append(v.Secrets, s.Name)
	}
	if b.Cache != nil {
		v.Cache = &CacheView{b.Cache.Type, b.Cache.Options, b.Cache.Image}
	}
	if b.Pack != nil {
		v.Pack = &PackView{b.Pack.Builder, b.Pack.Buildpacks}
	}
	return v
}

func asMap(pairs []Pair) map[string]string {
	m := make(map[string]string, len(pairs))
	for _, p := range pairs {
		m[p.Name] = p.Value
	}
	return m
}
