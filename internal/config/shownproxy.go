package config

// ProxyView is the part of a View about how requests reach a role; times are in seconds.
type ProxyView struct {
	Hosts           []string    `json:"hosts,omitempty" yaml:"hosts,omitempty"`
	PathPrefixes    []string    `json:"path_prefixes,omitempty" yaml:"path_prefixes,omitempty"`
	AppPort         int         `json:"app_port" yaml:"app_port"` // of the container
	SSL             bool        `json:"ssl" yaml:"ssl"`
	ResponseTimeout int         `json:"response_timeout" yaml:"response_timeout"` // in seconds; 0 is no limit
	Healthcheck     *HealthView `json:"healthcheck,omitempty" yaml:"healthcheck,omitempty"`
}

// HealthView is the probe in a ProxyView. It is nil if the container's own health check decides.
type HealthView struct {
	Path     string `json:"path" yaml:"path"`
	Interval int    `json:"interval" yaml:"interval"` // in seconds
	Timeout  int    `json:"timeout" yaml:"timeout"`   // in seconds
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
