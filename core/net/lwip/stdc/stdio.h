/* lwIP includes this; with our options it uses nothing of it. */
