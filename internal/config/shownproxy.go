package config

// ProxyView is the part of a View about how requests reach a role; times are in seconds.
type ProxyView struct {
	Hosts           []string    `json:"hosts,omitempty" yaml:"hosts,omitempty"`
	PathPrefixes    []string    `json:"path_prefixes,omitempty" yaml:"path_prefixes,omitempty"`
	AppPort         int         `json:"app_port" yaml:"app_port"`
	SSL             bool        `json:"ssl" yaml:"ssl"`
	ResponseTimeout int         `json:"response_timeout" yaml:"response_timeout"`
	Healthcheck     *HealthView `json:"healthcheck,omitempty" yaml:"healthcheck,omitempty"`
}

// HealthView is the proxy's probe in a ProxyView; there is none where the container's own health
// check decides.
type HealthView struct {
	Path     string `json:"path" yaml:"path"`
	Interval int    `json:"interval" yaml:"interval"`
	Timeout  int    `json:"timeout" yaml:"timeout"`
}

func (p Proxy) shown() ProxyView {
	v := ProxyView{
		Hosts:           p.Hosts,
		PathPrefixes:    p.PathPrefixes,
		AppPort:         p.AppPort,
		SSL:             p.SSL.Enabled,
		ResponseTimeout: int(p.ResponseTimeout.Seconds()),
	}
	if !p.Healthcheck.Own {
		v.Healthcheck = &HealthView{p.Healthcheck.Path, int(p.Healthcheck.Interval.Seconds()), int(p.Healthcheck.Timeout.Seconds())}
	}
	return v
}
